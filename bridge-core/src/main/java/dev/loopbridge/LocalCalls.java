package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

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

  private static final int RETRY_MILLIS = 5;

  /** Calls that are started inside one another beyond this are polled in a turn of their own. */
  private static final int DEEPEST = 32;

  private final Port port;
  private final PendingCalls calls;
  private final SlotTable slots;
  private final ByteBuffer memory;

  /** Those that take turns, for each depth of calls that are nested in one another. */
  private final List<NativeResult[]> results = new ArrayList<>();

  private int loaded;

  /** Slots and generations of futures that wait for a turn behind the loop's other tasks. */
  private final ArrayDeque<Long> again = new ArrayDeque<>();

  private final Runnable turn = this::turn;

  /** The invocation under way that may be answered at once, and its answer. */
  private long asked = NOBODY;

  private byte[] answer;

  private int depth;
  private boolean turnPending;

  /** Something may live on the thread. */
  private boolean used;

  LocalCalls(Port port, PendingCalls calls, SlotTable slots, ByteBuffer memory) {
    this.port = port;
    this.calls = calls;
    this.slots = slots;
    this.memory = memory;
  }

  /** Starts the call that the direct record holds; what {@link #started} is to be told. */
  int start() {
    used = true;
    boolean later = depth >= DEEPEST;
    depth++;
    try {
      return Native.localStart(port.library(), port.handle(), later);
    } finally {
      depth--;
    }
  }

  /** Does what the start of a call has left to do. */
  void started(int slot, int step) {
    after(slot, slots.generation(slot), step);
  }

  /** A future was woken, unless it is gone. */
  void poll(int slot, int generation) {
    if (!used || !port.isDriving() || !slots.isCurrent(slot, generation)) {
      return; // it has settled, or was dropped and will by a record
    }
    int step;
    depth++;
    try {
      step = Native.localPoll(port.library(), port.handle(), slot, generation);
    } finally {
      depth--;
    }
    after(slot, generation, step);
  }

  /** Drops a future that nobody waits for. */
  void cancel(int slot) {
    int generation = slots.generation(slot);
    int step;
    try {
      step = Native.localCancel(port.library(), port.handle(), slot, generation);
    } catch (InvalidHandleException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "the future went with its thread", e);
      return;
    }
    after(slot, generation, step);
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
    while (results.size() <= depth) {
      results.add(NativeResult.turns(port));
    }
    NativeResult[] turns = results.get(depth);
    NativeResult result = turns[loaded++ & (turns.length - 1)];
    result.load(memory, RecordLayout.DIRECT);
    return result;
  }

  private void after(int slot, int generation, int step) {
    if (step == RecordLayout.SETTLED) {
      NativeResult result = load();
      depth++;
      try {
        calls.settled(result);
      } finally {
        depth--;
      }
    } else if (step == RecordLayout.AGAIN) {
      again.add((long) generation << 32 | slot);
      turnLater();
    }
  }

  private void turnLater() {
    if (!turnPending) {
      turnPending = true;
      offerTurn();
    }
  }

  /** Any thread; for as long as there is a loop to run it. */
  private void offerTurn() {
    try {
      if (port.isDriving()) {
        port.loop().execute(turn);
      }
    } catch (Throwable e) {
      // The loop is ending, or its queue is full for now.
      Sideline.EXECUTOR.schedule(this::offerTurn, RETRY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Polls those that wait, and not those that come meanwhile. */
  private void turn() {
    turnPending = false;
    try {
      for (int left = again.size(); left > 0; left--) {
        long name = again.remove();
        poll((int) name, (int) (name >>> 32));
      }
    } finally {
      if (!again.isEmpty()) {
        turnLater();
      }
    }
  }
}
