package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The loop-driven calls of one port: their futures live on this loop's thread and are polled by
 * direct calls, each of which tells at once what became of the future. Owner loop only.
 *
 * <p>Calls nest, when a callback of one starts another. What the direct record says is copied
 * before anything else runs.
 */
final class LocalCalls {

  private static final Logger LOG = System.getLogger(LocalCalls.class.getName());

  private static final long NOBODY = 0;

  /** Calls that are started inside one another beyond this are polled in a turn of their own. */
  private static final int DEEPEST = 32; // seed M14

  private final Port port;
  private final PendingCalls calls;
  private final SlotTable slots;
  private final ByteBuffer memory;

  /** One for each call that is nested in another, and two more. */
  private final List<NativeResult> results = new ArrayList<>();

  /** Slots of futures that wait for a turn behind the loop's other tasks. */
  private final SlotQueue again = new SlotQueue();

  private final Runnable turn = this::turn;

  /** The invocation under way that may be answered at once, and its answer. */
  private long asked = NOBODY;

  private byte[] answer;

  private int depth;
  private boolean turnPending;

  /** The turn could not be put on the loop; a drain does it. */
  private boolean turnLeft;

  /** The direct record holds an outcome that was not read, for want of stack. */
  private boolean unread;

  /** Something may live on the thread. */
  private boolean used;

  LocalCalls(Port port, PendingCalls calls, SlotTable slots, ByteBuffer memory) {
    this.port = port;
    this.calls = calls;
    this.slots = slots;
    this.memory = memory;
    reserve();
  }

  /**
   * Room for what Rust may say, which is too late to look for when it has said it: for this call,
   * for the handler that it asks, and for a call that the handler cancels.
   */
  void reserve() {
    while (results.size() < depth + 3) {
      results.add(new NativeResult(port));
    }
    again.reserve(slots.size());
  }

  /** Starts the call that the direct record holds; what {@link #started} is to be told. */
  int start() {
    reserve();
    used = true;
    boolean later = depth >= DEEPEST;
    depth++;
    try {
      int step = Native.localStart(port.library(), port.handle(), later);
      unread = step == RecordLayout.SETTLED;
      return step;
    } finally {
      depth--;
    }
  }

  /** Whether something was left to a drain. */
  boolean isBehind() {
    return unread || turnLeft;
  }

  /** Does what could not be done when Rust said it. */
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

  /** Does what the start of a call has left to do. */
  void started(int slot, int step) {
    after(slot, step);
  }

  /** A future was woken, unless it is gone. */
  void poll(int slot, int generation) {
    if (!used || !port.isDriving() || !slots.isCurrent(slot, generation)) {
      return; // it has settled, or was dropped and will by a record
    }
    reserve();
    recover();
    int step;
    depth++;
    try {
      step = Native.localPoll(port.library(), port.handle(), slot, generation);
      unread = step == RecordLayout.SETTLED;
    } finally {
      depth--;
    }
    after(slot, step);
  }

  /** Drops a future that nobody waits for. */
  void cancel(int slot) {
    recover();
    int generation = slots.generation(slot);
    int step;
    try {
      step = Native.localCancel(port.library(), port.handle(), slot, generation);
      unread = step == RecordLayout.SETTLED;
    } catch (InvalidHandleException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "the future went with its thread", e);
      return;
    }
    after(slot, step);
  }

  /** Gives up an object that Java held. */
  void release(int slot, int generation) {
    try {
      Native.localRelease(port.library(), port.handle(), slot, generation);
    } catch (InvalidHandleException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "the object went with its loop", e);
    }
  }

  /** Drops all futures and objects; what is not settled will be by a record. */
  void end() {
    if (used) {
      used = false;
      Native.localEnd(port.library(), port.handle());
    }
  }

  /**
   * Runs the handler that the direct record names, for a future that is being polled.
   *
   * @return whether the record holds the answer; else that comes by the ring
   */
  boolean ask(Handlers handlers) {
    NativeResult request = load();
    long outer = asked;
    byte[] outerAnswer = answer;
    asked = request.invocation();
    answer = null;
    depth++;
    try {
      handlers.invoke(request, null);
      if (answer == null) {
        return false;
      }
      memory.put(RecordLayout.DIRECT, answer); // what the body called may have used the place
      return true;
    } catch (Throwable e) {
      recover(); // Rust will use the place
      handlers.abandon(request.invocation());
      throw e;
    } finally {
      depth--;
      asked = outer;
      answer = outerAnswer;
      request.release();
    }
  }

  /** Whether an invocation is one whose answer goes into the direct record. */
  boolean answersNow(long invocation) {
    return asked == invocation;
  }

  /** The direct record holds the answer of the invocation that was asked last. */
  void answered() {
    byte[] record = new byte[RecordLayout.RECORD_BYTES];
    memory.get(RecordLayout.DIRECT, record);
    answer = record;
    asked = NOBODY;
  }

  private NativeResult load() {
    NativeResult result = results.get(depth);
    result.load(memory, RecordLayout.DIRECT);
    return result;
  }

  private void after(int slot, int step) {
    if (step == RecordLayout.SETTLED) {
      settle();
    } else if (step == RecordLayout.AGAIN) {
      again.add(slot);
      turnLater();
    }
  }

  /** Settles the call whose outcome the direct record holds. */
  private void settle() {
    NativeResult result = load();
    unread = false; // what is told may start another call, whose outcome takes the place
    depth++;
    try {
      calls.settled(result);
    } finally {
      depth--;
      unread |= !result.settled;
    }
  }

  /** For as long as there is a loop to run it. */
  private void turnLater() {
    if (turnPending || turnLeft || !port.isDriving()) {
      return;
    }
    try {
      StackRoom.require();
      turnPending = true;
      port.loop().execute(turn);
    } catch (Throwable e) {
      // The loop is ending, or its queue is full for now.
      turnPending = false;
      turnLeft = true;
      port.catchUpLater();
    }
  }

  /** Polls those that wait, and not those that come meanwhile. */
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
