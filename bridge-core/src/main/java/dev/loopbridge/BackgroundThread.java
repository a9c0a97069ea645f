package dev.loopbridge;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One daemon thread for the work that neither a loop nor a worker may do: it offers a drain again
 * to a loop that had no room for it, drains in the place of a loop that is gone, and looks for
 * loops that stand still. The thread ends when it has been idle for a second.
 */
final class BackgroundThread {

  static final ScheduledThreadPoolExecutor EXECUTOR =
      new ScheduledThreadPoolExecutor(1, BackgroundThread::thread);

  static {
    EXECUTOR.setKeepAliveTime(1, TimeUnit.SECONDS);
    EXECUTOR.allowCoreThreadTimeOut(true);
    EXECUTOR.setRemoveOnCancelPolicy(true); // a cancelled task must not keep its runtime
  }

  private BackgroundThread() {}

  /**
   * Makes the executor while there is stack and memory for it: a class whose initialization has
   * failed once stays unusable.
   */
  static void prepare() {
    EXECUTOR.getKeepAliveTime(TimeUnit.SECONDS);
  }

  /**
   * Makes a plain thread, since tools take a thread of Netty's for a loop, which must not wait for
   * its next task.
   */
  private static Thread thread(Runnable task) {
    Thread thread = new Thread(null, task, "loopbridge-background", 0, false);
    thread.setDaemon(true);
    return thread;
  }
}
