package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Measures the way back alone: native workers complete calls that all wait already. */
final class Completions {

  static final String THREADS = "Java threads, execute each";

  /** How many calls a burst has before it is known how long they take, and at most. */
  private static final int FEWEST_CALLS = 1 << 14;

  private static final int MOST_CALLS = 1 << 19;

  /**
   * A burst shorter than this mostly shows on which core the system happens to run the threads: it
   * is over before the system has moved one.
   */
  private static final long LEAST_NANOS = MILLISECONDS.toNanos(50);

  private static final int[] WORKERS = {1, 2, 4};
  private static final int LOOPS = 4;
  private static final long PATIENCE_SECONDS = 60;

  private final List<EventLoop> loops;
  private final int workers;
  private final NativeRuntime runtime;
  private final ExecutorService threads;
  private final NativeCall<Long> hold;
  private final NativeCall<Long> heldCount;
  private final NativeCall<Long> release;

  private Completions(
      List<EventLoop> loops, int workers, NativeRuntime runtime, ExecutorService threads) {
    this.loops = loops;
    this.workers = workers;
    this.runtime = runtime;
    this.threads = threads;
    hold = Fn.HOLD.call(runtime);
    heldCount = Fn.HELD_COUNT.call(runtime);
    release = Fn.RELEASE.call(runtime, (long) workers);
  }

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    List<Table> tables = new ArrayList<>();
    for (int workers : WORKERS) {
      tables.add(
          compare(
              harness,
              "completions-" + workers,
              "Completions to 1 loop from " + workers + (workers == 1 ? " worker" : " workers"),
              1,
              workers));
    }
    tables.add(
        compare(
            harness,
            "completions-loops",
            "Completions to " + LOOPS + " loops from " + Ground.WORKERS + " workers",
            LOOPS,
            Ground.WORKERS));
    return tables;
  }

  private static Table compare(Harness harness, String id, String title, int loops, int workers)
      throws Exception {
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(loops, NioIoHandler.newFactory());
    ExecutorService threads = Executors.newFixedThreadPool(workers);
    try (Ground ground =
        new Ground(builder -> builder.workerThreads(workers).maxInFlight(2 * MOST_CALLS))) {
      List<EventLoop> all = new ArrayList<>();
      for (EventExecutor loop : group) {
        all.add((EventLoop) loop);
      }
      Completions completions = new Completions(all, workers, ground.runtime, threads);
      List<Arm> arms = new ArrayList<>();
      arms.add(completions.new Raw());
      arms.add(completions.new Stage());
      arms.add(completions.new Naive());
      if (loops == 1) {
        arms.add(completions.new OneUpcall());
      }
      arms.add(completions.new Threads());
      return harness.compare(id, title, RoundTrips.NAIVE, arms);
    } finally {
      threads.shutdown();
      group.shutdownGracefully(0, 1, SECONDS).sync();
    }
  }

  /**
   * An arm whose calls wait on all loops, an equal share on each; one run completes all calls.
   * While that takes less than it should, the next run has twice as many.
   */
  private abstract class Burst implements Arm {

    private final String name;

    /** The calls of the next run, or of the one that lasts. */
    int calls = FEWEST_CALLS;

    private volatile CountDownLatch through;

    Burst(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public void prepare() throws Exception {
      CountDownLatch ready = new CountDownLatch(loops.size());
      through = new CountDownLatch(loops.size());
      for (EventLoop loop : loops) {
        Share mine = new Share(calls / loops.size(), through);
        loop.execute(
            () -> {
              hold(loop, mine);
              ready.countDown();
            });
      }
      await(ready);
    }

    @Override
    public long run(long nanos) throws Exception {
      long start = System.nanoTime();
      release();
      await(through);
      long took = System.nanoTime() - start;
      int completed = calls;
      if (took < Math.min(nanos, LEAST_NANOS) && calls < MOST_CALLS) {
        calls *= 2;
      }
      return completed;
    }

    private void await(CountDownLatch latch) throws Exception {
      if (!latch.await(PATIENCE_SECONDS, SECONDS)) {
        throw new TimeoutException(name + ": not completed after " + PATIENCE_SECONDS + " s");
      }
    }

    /** Makes a share's calls wait; on the loop. */
    abstract void hold(EventLoop loop, Share mine);

    /** Makes the workers complete all calls. */
    abstract void release() throws Exception;
  }

  /** One loop's calls, counted on that loop. */
  private static final class Share {

    private final CountDownLatch through;
    private final int count;
    private int waiting;

    Share(int count, CountDownLatch through) {
      this.count = count;
      this.waiting = count;
      this.through = through;
    }

    void completed() {
      if (--waiting == 0) {
        through.countDown();
      }
    }
  }

  private abstract class Bridge extends Burst {

    Bridge(String name) {
      super(name);
    }

    @Override
    public void prepare() throws Exception {
      super.prepare();
      // The last calls may still be on their way through the dispatchers.
      while (heldCount.await() < calls) {
        Thread.yield();
      }
    }

    @Override
    void release() throws Exception {
      release.toFuture();
    }

    @Override
    public Crossings crossings() {
      return Crossings.of(runtime.metrics());
    }
  }

  private final class Raw extends Bridge {

    Raw() {
      super(RoundTrips.RAW);
    }

    @Override
    void hold(EventLoop loop, Share mine) {
      RawPort port = RawPort.of(runtime, NettyLoop.of(loop));
      for (int i = 0; i < mine.count; i++) {
        port.start(hold, (ticket, result) -> mine.completed());
      }
    }
  }

  private final class Stage extends Bridge {

    Stage() {
      super(RoundTrips.STAGE);
    }

    @Override
    void hold(EventLoop loop, Share mine) {
      NettyLoop owner = NettyLoop.of(loop);
      for (int i = 0; i < mine.count; i++) {
        hold.toFuture(owner).whenComplete((value, error) -> mine.completed());
      }
    }
  }

  private final class Naive extends Burst {

    private long first;
    private long completed;

    Naive() {
      super(RoundTrips.NAIVE);
    }

    @Override
    public void prepare() throws Exception {
      first = 0;
      super.prepare();
    }

    @Override
    void hold(EventLoop loop, Share mine) {
      // One loop after the other: each has a range of ids of its own.
      synchronized (this) {
        for (int i = 0; i < mine.count; i++) {
          CompletableFuture<Object> future = new CompletableFuture<>();
          long id = HandWritten.put(future);
          first = first == 0 ? id : first;
          future.whenCompleteAsync((value, error) -> mine.completed(), loop);
        }
      }
    }

    @Override
    void release() {
      completed += calls;
      HandWritten.release(workers, first, calls);
    }

    @Override
    public Crossings crossings() {
      return new Crossings(completed, 0, completed);
    }
  }

  /** The rival that batches its upcalls; for one loop. */
  private final class OneUpcall extends Burst {

    private final Batched batched = new Batched(loops.get(0));
    private long first;

    OneUpcall() {
      super(RoundTrips.BATCHED);
    }

    @Override
    void hold(EventLoop loop, Share mine) {
      for (int i = 0; i < mine.count; i++) {
        CompletableFuture<Object> future = new CompletableFuture<>();
        long id = batched.put(future);
        first = i == 0 ? id : first;
        future.whenComplete((value, error) -> mine.completed());
      }
    }

    @Override
    void release() {
      Batched.release(workers, first, calls);
    }
  }

  /** An arm without a boundary: it shows the cost of queueing to the loop alone. */
  private final class Threads extends Burst {

    private final List<Runnable> shares = new ArrayList<>();

    Threads() {
      super(THREADS);
    }

    @Override
    public void prepare() throws Exception {
      shares.clear();
      super.prepare();
    }

    @Override
    void hold(EventLoop loop, Share mine) {
      Runnable completed = mine::completed;
      synchronized (shares) {
        // As many tasks as there are workers, each with its part for this loop.
        int left = mine.count;
        for (int worker = workers; worker > 0; worker--) {
          int part = left / worker;
          left -= part;
          shares.add(
              () -> {
                for (int i = 0; i < part; i++) {
                  loop.execute(completed);
                }
              });
        }
      }
    }

    @Override
    void release() {
      shares.forEach(threads::execute);
    }
  }
}
