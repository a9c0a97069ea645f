package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Notices that a loop of one runtime stands still: a drain was put on it and has not begun for
 * {@link #STALL_SECONDS}. Most likely its thread waits for a native result, by a future that cannot
 * refuse that. It is logged, once for each time that a loop stands still, with the thread's stack.
 *
 * <p>It looks once a second, and only for as long as it finds a drain that waits: a process at rest
 * is not woken. A look that comes late tells that the whole process stood still, and counts for
 * nothing.
 */
final class LoopWatch {

  /** So long a drain may wait. */
  static final int STALL_SECONDS = 5;

  private static final Logger LOG = System.getLogger(LoopWatch.class.getName());

  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Collection<Port> ports;
  private final Runnable look = this::look;
  private final AtomicBoolean looking = new AtomicBoolean();

  private volatile boolean ended;
  private volatile Future<?> next;
  private volatile long due;

  LoopWatch(Collection<Port> ports) {
    this.ports = ports;
  }

  /**
   * A drain was put on a loop. Any thread, after the loop has taken it: its queue orders what the
   * port notes before what is read here.
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
        next = Sideline.EXECUTOR.schedule(look, LOOK_NANOS, TimeUnit.NANOSECONDS);
        return;
      }
    } catch (Throwable e) {
      // No memory, no thread, or no stack is left: what nobody watches still works.
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
    // Whoever put a drain meanwhile may have found it set.
    for (Port port : ports) {
      if (port.isDriving() && port.drainWatch().isWaiting()) {
        drainWaits();
        return;
      }
    }
  }

  private boolean look(boolean late) {
    boolean waiting = false;
    try {
      for (Port port : ports) {
        DrainWatch watch = port.drainWatch();
        if (port.isDriving() && watch.waitedThrough(STALL_SECONDS, late)) {
          tell(port, watch.thread());
        }
        waiting |= port.isDriving() && watch.isWaiting();
      }
    } catch (Throwable e) {
      // Most likely of a log, or of a full heap: the next look may do better.
    }
    return waiting;
  }

  private static void tell(Port port, Thread thread) {
    String stands =
        port.loop()
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

  /** The runtime has ended. */
  void end() {
    ended = true;
    Future<?> last = next;
    if (last != null) {
      last.cancel(false);
    }
  }
}
