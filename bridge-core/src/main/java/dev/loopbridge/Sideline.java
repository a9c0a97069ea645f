package dev.loopbridge;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * One daemon thread for what neither a loop nor a worker may do: to offer a drain again to a loop
 * that had no room for it, to take the place of a loop that is gone, and to look for loops that
 * stand still. It ends when it has been idle for a while.
 */
final class Sideline {

  static final ScheduledThreadPoolExecutor EXECUTOR =
      new ScheduledThreadPoolExecutor(1, Sideline::thread);

  static {
    EXECUTOR.setKeepAliveTime(1, TimeUnit.SECONDS);
    EXECUTOR.allowCoreThreadTimeOut(true);
    EXECUTOR.setRemoveOnCancelPolicy(true); // whose runtime has ended and may be collected
  }

  private Sideline() {}

  /** Makes it at a time that has the stack and the memory for it: there is no second attempt. */
  static void prepare() {
    EXECUTOR.getKeepAliveTime(TimeUnit.SECONDS);
  }

  /**
   * A plain thread: tools take one of Netty's for a loop, which must not wait for its next task.
   */
  private static Thread thread(Runnable task) {
    Thread thread = new Thread(null, task, "loopbridge-sideline", 0, false);
    thread.setDaemon(true);
    return thread;
  }
}
