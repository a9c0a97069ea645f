package dev.loopbridge;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** The close of one runtime, by its owner or by the end of its JVM. Any thread. */
final class RuntimeClose {

  /** The bound on the time in which Rust drops its futures. */
  static final long SHUTDOWN_MILLIS = 1_000;

  /** The bound on the time in which the loops settle their calls. */
  private static final long LOOPS_MILLIS = 5_000;

  private static final long GRACE_POLL_NANOS = 1_000_000;
  private static final long CLOSER_RETRY_MILLIS = 100;

  private final RuntimePorts ports;
  private final PortConfig config;
  private final String threadName;
  private final ScheduledExecutorService later;
  private final Runnable whenClosed;
  private final CompletableFuture<CloseReport> closed = LoopStage.waitedForOff(null);

  /**
   * @param later where a close is tried again that got no thread
   * @param whenClosed ends what the runtime has beside its ports
   */
  RuntimeClose(
      RuntimePorts ports, String threadName, ScheduledExecutorService later, Runnable whenClosed) {
    this.ports = ports;
    this.config = ports.config();
    this.threadName = threadName;
    this.later = later;
    this.whenClosed = whenClosed;
  }

  /** Done once the runtime has closed. */
  CompletableFuture<CloseReport> closed() {
    return closed;
  }

  static void requireNotNegative(String name, Duration grace) {
    if (grace.isNegative()) {
      throw new IllegalArgumentException(name + " is " + grace + ", expected zero or more");
    }
  }

  /** Refuses new calls, and closes when those in flight have settled or the grace is over. */
  CompletableFuture<CloseReport> begin(Duration grace, boolean mayWait) {
    if (grace == null) {
      throw new NullPointerException("a grace is needed; Duration.ZERO cancels at once");
    }
    requireNotNegative("grace", grace);
    if (ports.close("it was closed")) {
      startCloser(grace, mayWait);
    }
    return closed;
  }

  /** Closes on a thread; if none starts, closes on the caller if it waits, else tries again. */
  private void startCloser(Duration grace, boolean mayWait) {
    Thread closer = new Thread(() -> shutDown(grace), threadName + "-close");
    closer.setDaemon(true);
    try {
      closer.start();
    } catch (OutOfMemoryError e) { // the JVM throws it if the system has no thread left
      if (mayWait) {
        shutDown(grace);
      } else {
        later.schedule(() -> startCloser(grace, false), CLOSER_RETRY_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  /** Runs on a thread of its own: dropping Rust futures may take as long as one poll of them. */
  private void shutDown(Duration grace) {
    try {
      awaitCalls(grace);
      List<PortState> open = ports.open();
      int stillRunning =
          Native.runtimeShutdown(config.library(), config.runtime(), SHUTDOWN_MILLIS);
      List<String> unresponsive = ports.awaitEnd(open, LOOPS_MILLIS);
      whenClosed.run();
      CloseReport report = ports.report(stillRunning, unresponsive);
      ports.end();
      closed.complete(report);
    } catch (RuntimeException | Error e) {
      ports.end();
      closed.completeExceptionally(e);
    }
  }

  private void awaitCalls(Duration atMost) {
    long start = System.nanoTime();
    long nanos =
        TimeUnit.NANOSECONDS.convert(atMost); // a longer time becomes the longest that fits
    while (ports.metrics().liveCalls() > 0 && System.nanoTime() - start < nanos) {
      LockSupport.parkNanos(GRACE_POLL_NANOS);
    }
  }

  /** Waits for a close that has begun, within bounds. */
  CloseReport await(Duration grace) {
    long graceMillis = Math.min(TimeUnit.MILLISECONDS.convert(grace), Long.MAX_VALUE / 2);
    long millis = graceMillis + SHUTDOWN_MILLIS + 2 * LOOPS_MILLIS;
    try {
      return closed.get(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ports.report(0, List.of());
    } catch (TimeoutException | ExecutionException e) {
      throw new IllegalStateException("the runtime did not close", e);
    }
  }

  /**
   * Ends the runtime with its JVM: upcalls stop, and what loops still wait for is settled from this
   * side. A close in another shutdown hook has nothing left to wait for after that.
   */
  void halt() {
    ports.close("the JVM is shutting down");
    ports.halt();
    closed.complete(ports.report(0, List.of()));
  }
}
