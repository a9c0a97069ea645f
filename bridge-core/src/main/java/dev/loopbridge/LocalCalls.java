package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The loop-driven calls of one port. Their futures live on this loop's thread and are polled by
 * direct calls into Rust, each of which returns at once what became of the future. Owner loop only.
 *
 * <p>Calls nest when the callback of one starts another, and all share one direct record. So its
 * content is copied before any callback runs.
 */
final class LocalCalls {

  private static final Logger LOG = System.getLogger(LocalCalls.class.getName());

  /** Calls that are started inside one another beyond this are polled in a turn of their own. */
  private static final int DEEPEST = 24; // seed M14

  private final PortState port;
  private final PortLife life;
  private final NativeHalf nativeHalf;
  private final DrainOffers offers;
  private final PendingCalls calls;
  private final SlotTable slots;
  private final ByteBuffer memory;

  /** The reused results: one for each call that is nested in another, and two more. */
  private final List<NativeResult> results = new ArrayList<>();

  /** Slots of futures that wait for a turn behind the loop's other tasks. */
  private final SlotQueue again = new SlotQueue();

  private final DirectAnswer direct;
  private final Supplier<NativeResult> newResult;
  private final Runnable turn = this::turn;

  /** The number of direct calls and deliveries that are nested in one another now. */
  private int depth;

  private boolean turnPending;

  /** Whether the loop did not take the turn, so that a drain has to do it. */
  private boolean turnLeft;

  /**
   * Whether the direct record holds an outcome that was not read for want of stack. What follows a
   * direct call sets it, and calls no method before: with a full stack the outcome would be lost.
   */
  private boolean unread;

  /** Whether futures or objects of Rust's may live on the thread. */
  private boolean used;

  LocalCalls(
      PortState port,
      PendingCalls calls,
      DrainOffers offers,
      DirectAnswer direct,
      Supplier<NativeResult> newResult) {
    this.port = port;
    this.calls = calls;
    this.offers = offers;
    this.direct = direct;
    this.newResult = newResult;
    life = port.life;
    nativeHalf = port.nativeHalf;
    slots = port.slots;
    memory = port.memory;
    reserve();
  }

  /**
   * Makes room for what one direct call may return: for the outcome of its own call, for the
   * request to a handler, and for the outcome of a call that this handler cancels. The room is made
   * before the direct call, since an outcome that Rust has returned would be lost if the heap were
   * full.
   */
  void reserve() {
    while (results.size() < depth + 3) {
      results.add(newResult.get());
    }
    again.reserve(slots.size());
  }

  /** Returns whether a call that is started now is polled at once. */
  boolean mayPoll() {
    return depth < DEEPEST;
  }

  /** Starts the call that the direct record holds; returns the step to pass to {@link #started}. */
  int start() {
    reserve();
    used = true;
    boolean later = !mayPoll();
    depth++;
    try {
      int step = nativeHalf.startLocal(later);
      unread = step == RecordLayout.SETTLED || step == RecordLayout.RETURNED; // calls nothing
      return step;
    } finally {
      depth--;
    }
  }

  /**
   * Starts a call whose arguments are two words, and has its future polled; returns the step to
   * pass to {@link #started}.
   *
   * @param call slot and generation: the slot's ticket
   */
  int start(Signature signature, Object[] arguments, long call) {
    long first = ArgumentWords.first(signature, arguments);
    long second = ArgumentWords.second(signature, arguments);
    reserve();
    used = true;
    depth++;
    try {
      int step = nativeHalf.callLocal(signature.fixedHead, call, first, second);
      unread = step == RecordLayout.SETTLED || step == RecordLayout.RETURNED; // calls nothing
      return step;
    } finally {
      depth--;
    }
  }

  /** Returns whether work was left to a drain. */
  boolean isBehind() {
    return unread || turnLeft;
  }

  /** Does the work that was left: reads the unread outcome and runs the turn. */
  void catchUp() {
    recover();
    if (turnLeft) {
      turnLeft = false;
      turn();
    }
  }

  /** Reads the outcome that the direct record may still hold. */
  void recover() {
    if (unread) {
      settle();
    }
  }

  /** Goes on with a call after its first poll: settles it, or has it polled again. */
  void started(int slot, Signature signature, int step) {
    if (step == RecordLayout.RETURNED && signature.fixedKinds != null && life.isOpen()) {
      returned(slot, signature);
    } else {
      after(slot, step);
    }
  }

  /** Polls a future that was woken, unless it is gone. */
  void poll(int slot, int generation) {
    if (!used || !life.isDriving() || !slots.isCurrent(slot, generation)) {
      return; // the call has settled, or its future was dropped and a record will settle it
    }
    reserve();
    recover();
    int step;
    depth++;
    try {
      step = nativeHalf.pollLocal(slot, generation);
      unread = step == RecordLayout.SETTLED || step == RecordLayout.RETURNED; // calls nothing
    } finally {
      depth--;
    }
    after(slot, step);
  }

  /** Drops the future of a cancelled call. */
  void cancel(int slot) {
    recover();
    int generation = slots.generation(slot);
    int step;
    try {
      step = nativeHalf.cancelLocal(slot, generation);
      unread = step == RecordLayout.SETTLED || step == RecordLayout.RETURNED; // calls nothing
    } catch (InvalidHandleException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "the future went with its thread", e);
      return;
    }
    after(slot, step);
  }

  /** Drops all futures and objects; a record settles each call that has not settled. */
  void end() {
    if (used) {
      used = false;
      nativeHalf.endLocal();
    }
  }

  /**
   * Runs the handler that the direct record names, for a future that is being polled.
   *
   * @return whether the record holds the answer; if not, the answer comes by the ring
   */
  boolean ask(Handlers handlers) {
    NativeResult request = load();
    long outer = direct.asked();
    byte @Nullable [] outerAnswer = direct.answer();
    direct.expect(request.invocation());
    depth++;
    try {
      handlers.invoke(request, null);
      if (handlers.isBehind()) {
        offers.catchUpLater();
      }
      return direct.deliver(); // last, since calls in the body use this record too
    } catch (Throwable e) {
      recover(); // now, since Rust writes the next outcome over this one
      handlers.abandon(request.invocation());
      throw e;
    } finally {
      depth--;
      direct.restore(outer, outerAnswer);
      request.release();
    }
  }

  private NativeResult load() {
    NativeResult result = results.get(depth);
    result.load(memory, RecordLayout.DIRECT);
    return result;
  }

  private void after(int slot, int step) {
    if (step == RecordLayout.SETTLED || step == RecordLayout.RETURNED) {
      settle();
    } else if (step == RecordLayout.AGAIN) {
      again.add(slot);
      turnLater();
    }
  }

  /** Settles the call whose outcome the direct record holds. */
  private void settle() {
    NativeResult result = load();
    unread = false; // first: the callback may start a call whose outcome uses the direct record
    depth++;
    try {
      calls.settled(result);
    } finally {
      depth--;
      unread |= !result.settled;
    }
  }

  /**
   * Settles a call that lends nothing and has returned a value of one word to its start. Since then
   * no other code has run, so its slot is as the start has left it.
   */
  private void returned(int slot, Signature signature) {
    NativeResult result = results.get(depth);
    result.loadWord(memory, RecordLayout.DIRECT, signature);
    unread = false; // first, as in settle
    depth++;
    try {
      calls.returned(slot, result);
    } finally {
      depth--;
      unread |= !result.settled;
    }
  }

  /** Puts the turn on the loop, or leaves it to a drain if the loop does not take it. */
  private void turnLater() {
    if (turnPending || turnLeft || !life.isDriving()) {
      return;
    }
    try {
      StackRoom.require();
      turnPending = true;
      port.loop.execute(turn);
    } catch (Throwable e) {
      // The loop is ending, or its queue is full for now.
      turnPending = false;
      turnLeft = true;
      offers.catchUpLater();
    }
  }

  /** Polls the futures that wait now; one that is woken meanwhile waits for the next turn. */
  private void turn() {
    turnPending = false;
    try {
      for (int left = again.size(); left > 0; left--) {
        int slot = again.remove();
        poll(slot, slots.generation(slot));
      }
    } finally {
      if (!again.isEmpty()) {
        turnLater();
      }
    }
  }
}
