package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends a runtime with its JVM. The JVM runs all hooks at once, so that those of servers and
 * containers still finish requests meanwhile, which start calls. A moment without a live call means
 * nothing: the next call of a request may be about to start. So this hook ends nothing before the
 * runtime was closed or its grace is over.
 */
final class ShutdownHook extends Thread {

  private static final Logger LOG = System.getLogger("dev.loopbridge.NativeRuntime");

  private final Object runtime;
  private final Runnable halt;
  private final Future<?> closed;
  private final Duration grace;
  private final boolean ownerCloses;

  /**
   * @param runtime names the runtime in the log
   * @param halt ends it
   * @param closed done once the runtime has closed
   * @param grace how long to wait for that
   * @param ownerCloses whether it is an error of the runtime's owner if it did not close by then
   */
  ShutdownHook(
      Object runtime,
      Runnable halt,
      String threadName,
      Future<?> closed,
      Duration grace,
      boolean ownerCloses) {
    super(threadName + "-shutdown");
    this.runtime = runtime;
    this.halt = halt;
    this.closed = closed;
    this.grace = grace;
    this.ownerCloses = ownerCloses;
  }

  @Override
  public void run() {
    try {
      if (!closesInTime() && ownerCloses) {
        LOG.log(
            Level.WARNING,
            "{0} was not closed within {1} of the JVM''s shutdown; what is in flight ends. Its owner"
                + " has to close it, or to raise the time given to Builder.closedByOwner",
            runtime,
            grace);
      }
    } finally {
      halt.run(); // also if a logger has ended before
    }
  }

  private boolean closesInTime() {
    try {
      closed.get(TimeUnit.NANOSECONDS.convert(grace), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException e) {
      return true; // the runtime is closed, and the caller of close() got this error
    } catch (TimeoutException | InterruptedException e) {
      return false;
    }
  }
}
