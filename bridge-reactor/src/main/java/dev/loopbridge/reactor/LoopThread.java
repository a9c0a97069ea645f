package dev.loopbridge.reactor;

import dev.loopbridge.NettyLoop;

/** Whether the current thread is running a loop's task. */
final class LoopThread {

  /** The Reactor loop whose task the thread is inside; Netty keeps the like for its own loops. */
  private static final ThreadLocal<SchedulerLoop> CURRENT = new ThreadLocal<>();

  private LoopThread() {}

  static SchedulerLoop current() {
    return CURRENT.get();
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

  /** Whether {@code thread} must not block now; only the thread itself can tell. */
  static boolean runsLoop(Thread thread) {
    return thread == Thread.currentThread()
        && (CURRENT.get() != null || NettyLoop.current() != null);
  }
}
