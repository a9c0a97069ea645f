package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
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

  /** Calls that are started inside one another beyond this are polled in a turn of their own. */
  private static final int DEEPEST = 32;

  private final Port port;
  private final SlotTable slots;
  private final ByteBuffer memory;

  /** One for each call that is nested in another. */
  private final List<NativeResult> results = new ArrayList<>();

  /** Slots and generations of futures that wait for a turn behind the loop's other tasks. */
  private final ArrayDeque<Long> again = new ArrayDeque<>();

  private final Runnable turn = this::turn;

  private int depth;
  private boolean turnPending;
  private boolean used;

  LocalCalls(Port port, SlotTable slots, ByteBuffer memory) {
    this.port = port;
    this.slots = slots;
    this.memory = memory;
  }

  /** Starts the call that the direct record holds. */
  void start(int slot) {
    used = true;
    boolean later = depth >= DEEPEST;
    int step;
    depth++;
    try {
      step = Native.localStart(port.library(), port.handle(), later);
    } finally {
      depth--;
    }
    after(slot, slots.generation(slot), step);
  }

  /** A future was woken. */
  void poll(int slot, int generation) {
    if (!slots.isCurrent(slot, generation)) {
      return;
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

  private void after(int slot, int generation, int step) {
    if (step == RecordLayout.SETTLED) {
      if (depth == results.size()) {
        results.add(new NativeResult(port));
      }
      NativeResult result = results.get(depth);
      result.load(memory, RecordLayout.DIRECT);
      depth++;
      try {
        port.settled(result);
      } finally {
        depth--;
      }
    } else if (step == RecordLayout.AGAIN) {
      again.add((long) generation << 32 | slot);
      turnLater();
    }
  }

  private void turnLater() {
    if (turnPending) {
      return;
    }
    try {
      port.loop().execute(turn);
      turnPending = true;
    } catch (Throwable e) {
      // The loop is ending or its queue is full: the futures wait for the next turn there is.
      LOG.log(Level.DEBUG, "no turn for a future that was woken while it was polled", e);
    }
  }

  /** Polls those that wait, and not those that come meanwhile. */
  private void turn() {
    turnPending = false;
    for (int left = again.size(); left > 0; left--) {
      long name = again.remove();
      poll((int) name, (int) (name >>> 32));
    }
    if (!again.isEmpty()) {
      turnLater();
    }
  }
}
