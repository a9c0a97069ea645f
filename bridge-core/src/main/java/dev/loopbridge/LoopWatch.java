package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a loop of one runtime stands still: a drain was put on it and has not begun for
 * {@link #STALL_SECONDS}. Most likely its thread waits for a native result, by a future that cannot
 * refuse that. The stall is logged with the thread's stack, once for each time that a loop stands
 * still.
 *
 * <p>The watch looks once a second, and only for as long as it finds a drain that waits: a process
 * at rest is not woken. A look that comes late does not count, since the whole process stood still.
 */
final class LoopWatch {

  /** The time that a drain may wait, in seconds. */
  static final int STALL_SECONDS = 5;

  private static final Logger LOG = System.getLogger(LoopWatch.class.getName());

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Supplier<List<PortState>> ports;
  private final Runnable look = this::look;
  private final AtomicBoolean looking = new AtomicBoolean();

  private volatile boolean ended;
  private volatile @Nullable Future<?> next;
  private volatile long due;

  LoopWatch(Supplier<List<PortState>> ports) {
    this.ports = ports;
  }

  /**
   * Starts the looks after a drain was put on a loop. Any thread, after the loop has taken the
   * drain: the loop's queue orders the port's notes before the reads here.
   */
  void drainWaits() {
    if (!looking.get() && looking.compareAndSet(false, true)) {
      lookLater();
    }
  }

  private void lookLater() {
    try {
      if (!ended) {
        due = System.nanoTime() + LOOK_NANOS;
        next = BackgroundThread.EXECUTOR.schedule(look, LOOK_NANOS, TimeUnit.NANOSECONDS);
        return;
      }
    } catch (Throwable e) {
      // No memory, no thread, or no stack is left. The loops work without a watch.
    }
    looking.set(false);
  }

  private void look() {
    boolean late = System.nanoTime() - due > LOOK_NANOS;
    if (look(late)) {
      lookLater();
      return;
    }
    looking.set(false);
    // A thread that put a drain meanwhile may have found it set.
    for (PortState port : ports.get()) {
      if (port.isDrainWaiting()) {
        drainWaits();
        return;
      }
    }
  }

  private boolean look(boolean late) {
    boolean waiting = false;
    try {
      for (PortState port : ports.get()) {
        DrainWatch watch = port.drainWatch;
        if (port.life.isDriving() && watch.waitedThrough(STALL_SECONDS, late)) {
          report(port, watch.thread());
        }
        waiting |= port.isDrainWaiting();
      }
    } catch (Throwable e) {
      // Most likely the log has thrown or the heap is full; the next look may succeed.
    }
    return waiting;
  }

  private static void report(PortState port, @Nullable Thread thread) {
    String stands =
        port.loop
            + " has not begun a task of the bridge's for "
            + STALL_SECONDS
            + " s: no native call settles there meanwhile. ";
    if (thread == null) {
      LOG.log(Level.WARNING, stands + "Its thread is not known.");
    } else if (thread.isAlive()) { // else the loop is about to end
      Throwable stack = new Throwable("the stack of thread " + thread.getName());
      stack.setStackTrace(thread.getStackTrace());
      LOG.log(
          Level.WARNING,
          stands
              + "If its thread waits for a native result, compose the future instead of waiting for"
              + " it there.",
          stack);
    }
  }

  /** Ends the looks with the runtime. */
  void end() {
    ended = true;
    Future<?> last = next;
    if (last != null) {
      last.cancel(false);
    }
  }
}
