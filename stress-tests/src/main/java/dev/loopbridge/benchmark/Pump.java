package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.loopbridge.RawPort;
import io.netty.channel.EventLoop;
import io.vertx.core.Completable;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import reactor.core.CoreSubscriber;

/**
 * Keeps a number of operations in flight from one event loop: the end of an operation starts the
 * next.
 *
 * <p>The callbacks for operations are made once here, so that no arm pays for a lambda of the
 * harness.
 */
final class Pump implements Arm {

  /** Starts one operation, on the loop; it ends by {@link Pump#ended} on the loop. */
  interface Start {
    void start(Pump pump) throws Exception;
  }

  static final String P50 = "p50Ns";
  static final String P99 = "p99Ns";
  static final String P999 = "p999Ns";

  private static final int STARTS_BETWEEN_CLOCK_READS = 32;

  private final String name;
  private final EventLoop loop;
  private final int inFlight;
  private final Start start;
  private final CrossingCount crossings;

  final Runnable done = this::ended;
  final BiConsumer<Object, Throwable> completed = (value, error) -> ended(error);
  final Completable<Object> onComplete = (value, error) -> ended(error);
  final RawPort.Callback settled = (ticket, result) -> ended(RawPort.error(result));
  final CoreSubscriber<Object> subscriber = new Ending(this);

  /** 0, or how long to rest between operations; then latencies are taken. */
  private final long pauseNanos;

  // Only the harness's thread uses this.
  private CountDownLatch running;

  // Only the loop uses these while a run lasts.
  private long deadline;
  private long started;
  private int pending;
  private int due;
  private boolean starting;
  private boolean stopping;
  private Throwable failure;
  private long startedAt;
  private double[] latencies = new double[1024];
  private int latencyCount;
  private CountDownLatch through;

  /** The source of an arm's count of crossings. */
  interface CrossingCount {
    Crossings now();
  }

  Pump(String name, EventLoop loop, int inFlight, CrossingCount crossings, Start start) {
    this(name, loop, inFlight, crossings, start, 0);
  }

  private Pump(
      String name,
      EventLoop loop,
      int inFlight,
      CrossingCount crossings,
      Start start,
      long pauseNanos) {
    this.name = name;
    this.loop = loop;
    this.inFlight = inFlight;
    this.crossings = crossings;
    this.start = start;
    this.pauseNanos = pauseNanos;
  }

  /** Returns a pump of one operation at a time, with rests in which every thread falls asleep. */
  Pump resting(long nanos) {
    return new Pump(name, loop, 1, crossings, start, nanos);
  }

  @Override
  public Map<String, Double> figures() {
    if (pauseNanos == 0) {
      return Map.of();
    }
    return quantiles(Arrays.copyOf(latencies, latencyCount));
  }

  static Map<String, Double> quantiles(double[] latencies) {
    return Map.of(
        P50, Table.quantile(latencies, 0.5),
        P99, Table.quantile(latencies, 0.99),
        P999, Table.quantile(latencies, 0.999));
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
    start(nanos);
    return await();
  }

  /** Begins a run; {@link #await} ends it. */
  void start(long nanos) {
    CountDownLatch latch = new CountDownLatch(1);
    running = latch;
    loop.execute(() -> begin(nanos, latch));
  }

  long await() throws InterruptedException {
    running.await();
    if (failure != null) {
      throw new IllegalStateException(name + " failed", failure);
    }
    return started;
  }

  private void begin(long nanos, CountDownLatch latch) {
    through = latch;
    deadline = System.nanoTime() + nanos;
    started = 0;
    pending = 0;
    due = 0;
    stopping = false;
    failure = null;
    latencyCount = 0;
    for (int i = 0; i < inFlight && failure == null && !stopping; i++) {
      next();
    }
  }

  /** Starts an operation, or, while one is being started, has it started after that one. */
  private void next() {
    due++;
    if (starting) {
      return;
    }
    starting = true;
    while (due > 0 && failure == null) {
      due--;
      startOne();
    }
    starting = false;
  }

  private void startOne() {
    pending++;
    started++;
    if (pauseNanos > 0) {
      startedAt = System.nanoTime();
    }
    try {
      start.start(this);
    } catch (Throwable e) {
      pending--;
      failure = e;
      if (pending == 0) {
        through.countDown();
      }
    }
  }

  /** Notes that an operation ended. */
  void ended() {
    pending--;
    if (pauseNanos > 0 && failure == null) {
      rest();
      return;
    }
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
      through.countDown();
    }
  }

  private void rest() {
    long now = System.nanoTime();
    if (latencyCount == latencies.length) {
      latencies = Arrays.copyOf(latencies, 2 * latencies.length);
    }
    latencies[latencyCount++] = now - startedAt;
    if (now < deadline) {
      loop.schedule(this::next, pauseNanos, NANOSECONDS);
    } else {
      through.countDown();
    }
  }

  /** Notes that an operation ended, by an error if {@code error} is not null. */
  void ended(Throwable error) {
    if (error != null) {
      failure = error;
    }
    ended();
  }
}
