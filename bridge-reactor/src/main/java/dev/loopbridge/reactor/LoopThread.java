package dev.loopbridge.reactor;

import dev.loopbridge.Blocking;
import java.lang.ref.WeakReference;
import org.jspecify.annotations.Nullable;

/** Whether the current thread is running a loop's task. */
final class LoopThread {

  /** The Reactor loop whose task the thread is inside; Netty keeps the like for its own loops. */
  private static final ThreadLocal<SchedulerLoop> CURRENT = new ThreadLocal<>();

  /**
   * The Reactor loop that has the thread for itself. Weak, since the thread may be one of a
   * Scheduler that outlives the bridge's class loader.
   */
  private static final ThreadLocal<WeakReference<SchedulerLoop>> OWNER = new ThreadLocal<>();

  private LoopThread() {}

  static @Nullable SchedulerLoop current() {
    return CURRENT.get();
  }

  static @Nullable SchedulerLoop owner() {
    WeakReference<SchedulerLoop> owner = OWNER.get();
    return owner == null ? null : owner.get();
  }

  /** This thread runs tasks of {@code loop} alone. */
  static void belongsTo(SchedulerLoop loop) {
    OWNER.set(new WeakReference<>(loop));
  }

  /** Runs the task as one of {@code loop}. */
  static void run(SchedulerLoop loop, Runnable task) {
    SchedulerLoop outer = CURRENT.get();
    CURRENT.set(loop);
    try {
      task.run();
    } finally {
      if (outer == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(outer);
      }
    }
  }

  /** Returns whether {@code thread} must not block now; it is true on the thread itself only. */
  static boolean runsLoop(Thread thread) {
    return thread == Thread.currentThread() && (CURRENT.get() != null || Blocking.isOnLoop());
  }
}
