package dev.loopbridge.benchmark;

import io.netty.channel.EventLoop;
import java.util.concurrent.CountDownLatch;

/**
 * Keeps a number of operations in flight from one event loop: each one that ends starts the next.
 */
final class Pump implements Arm {

  /** Starts one operation, on the loop; it ends by {@link Pump#ended} on the loop. */
  interface Start {
    void start(Pump pump) throws Exception;
  }

  private static final int STARTS_BETWEEN_CLOCK_READS = 32;

  private final String name;
  private final EventLoop loop;
  private final int inFlight;
  private final Start start;
  private final CrossingCount crossings;

  // The loop only, while a run lasts.
  private long deadline;
  private long started;
  private int pending;
  private boolean stopping;
  private Throwable failure;
  private CountDownLatch done;

  /** Where an arm's crossings are counted. */
  interface CrossingCount {
    Crossings now();
  }

  Pump(String name, EventLoop loop, int inFlight, CrossingCount crossings, Start start) {
    this.name = name;
    this.loop = loop;
    this.inFlight = inFlight;
    this.crossings = crossings;
    this.start = start;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Crossings crossings() {
    return crossings.now();
  }

  @Override
  public long run(long nanos) throws Exception {
    CountDownLatch latch = new CountDownLatch(1);
    loop.execute(() -> begin(nanos, latch));
    latch.await();
    if (failure != null) {
      throw new IllegalStateException(name + " failed", failure);
    }
    return started;
  }

  private void begin(long nanos, CountDownLatch latch) {
    done = latch;
    deadline = System.nanoTime() + nanos;
    started = 0;
    pending = 0;
    stopping = false;
    failure = null;
    for (int i = 0; i < inFlight && failure == null; i++) {
      next();
    }
    if (pending == 0) {
      done.countDown();
    }
  }

  private void next() {
    pending++;
    started++;
    try {
      start.start(this);
    } catch (Throwable e) {
      pending--;
      failure = e;
    }
  }

  /** An operation ended. */
  void ended() {
    pending--;
    if (!stopping && failure == null) {
      if (started % STARTS_BETWEEN_CLOCK_READS == 0 || inFlight < STARTS_BETWEEN_CLOCK_READS) {
        stopping = System.nanoTime() >= deadline;
      }
      if (!stopping) {
        next();
        return;
      }
    }
    if (pending == 0) {
      done.countDown();
    }
  }

  /** An operation ended, perhaps badly. */
  void ended(Throwable error) {
    if (error != null) {
      failure = error;
    }
    ended();
  }
}
