package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Measures a loop-driven future that another thread wakes a number of times before its loop polls
 * it again. The loop is held up meanwhile, so that each round has exactly so many wakes.
 */
final class LocalWoken {

  static final String WAKE = "wakeNs";
  static final String RESUME = "resumeNs";

  static final String BRIDGE = "bridge, by a Tokio worker";
  static final String EACH = "Java, execute for each wake";
  private static final String ONCE = "Java, execute unless one is pending";

  private static final int[] WAKES = {1, 10, 1000};

  private LocalWoken() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    List<Table> tables = new ArrayList<>();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    // Without lingering, each round is one upcall.
    try (Ground ground = new Ground(builder -> builder.linger(Duration.ZERO))) {
      CompletableFuture<Void> waiting = Fn.WAIT.call(ground.runtime).toFuture(ground.owner);
      for (int wakes : WAKES) {
        tables.add(
            harness.compare(
                "woken-" + wakes,
                "Loop-driven, woken "
                    + (wakes == 1 ? "once" : Metric.round(wakes) + " times")
                    + " before each poll: per wake, and until it has run again",
                WAKE,
                EACH,
                List.of(
                    new Bridge(ground, wakes),
                    new Each(ground, thread, wakes),
                    new Once(ground, thread, wakes)),
                harness.effort().sliceNanos() / 2));
      }
      waiting.cancel(false);
    } finally {
      thread.shutdown();
    }
    return tables;
  }

  /** An arm that makes rounds of wakes and polls. */
  private abstract static class Rounds implements Arm {

    final Ground ground;
    final int wakes;
    private final String name;

    // Only the loop uses these while a run lasts.
    private long deadline;
    private long rounds;
    private long wakeNanos;
    private long resumeNanos;
    private long heldUntil;
    private CompletableFuture<Void> through;

    Rounds(String name, Ground ground, int wakes) {
      this.name = name;
      this.ground = ground;
      this.wakes = wakes;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long run(long nanos) throws Exception {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      ground.loop.execute(
          () -> {
            through = ended;
            deadline = System.nanoTime() + nanos;
            rounds = 0;
            wakeNanos = 0;
            resumeNanos = 0;
            try {
              resumed();
              hold();
            } catch (Exception e) {
              ended.completeExceptionally(e);
            }
          });
      ended.get();
      return rounds;
    }

    /**
     * Holds up the loop until the wakes are over; the tasks that they queued run before {@link
     * #next}.
     */
    private void hold() throws Exception {
      long nanos = wake();
      if (nanos < 0) {
        throw new IllegalStateException(name + ": nothing waits");
      }
      wakeNanos += nanos;
      rounds++;
      heldUntil = System.nanoTime();
      ground.loop.execute(this::next);
    }

    private void next() {
      try {
        long now = System.nanoTime();
        resumeNanos += now - heldUntil;
        if (now < deadline) {
          hold();
          return;
        }
        long resumed = resumed();
        if (resumed != rounds * resumesPerRound()) {
          throw new IllegalStateException(
              name + ": " + resumed + " resumes in " + rounds + " rounds of " + wakes + " wakes");
        }
        through.complete(null);
      } catch (Exception e) {
        through.completeExceptionally(e);
      }
    }

    @Override
    public Map<String, Double> figures() {
      return Map.of(
          WAKE, (double) wakeNanos / (rounds * wakes), RESUME, (double) resumeNanos / rounds);
    }

    /**
     * Makes another thread wake the future, and waits for it; returns how long the wakes took it.
     */
    abstract long wake() throws Exception;

    /** Returns how often the woken future or task has run since the last call. */
    abstract long resumed();

    int resumesPerRound() {
      return 1;
    }
  }

  private static final class Bridge extends Rounds {

    private final NativeRuntime runtime;
    private final RawPort port;
    private final NativeCall<Long> wake;
    private final NativeCall<Long> polls;
    private long came;

    Bridge(Ground ground, int wakes) {
      super(BRIDGE, ground, wakes);
      runtime = ground.runtime;
      port = RawPort.of(runtime, ground.owner);
      wake = Fn.WAKE_MEANWHILE.call(runtime, (long) wakes);
      polls = Fn.POLLS.call(runtime);
    }

    @Override
    long wake() {
      return outcome(wake);
    }

    @Override
    long resumed() {
      return outcome(polls);
    }

    /** Returns the outcome of a call that is ready at its first poll. */
    private long outcome(NativeCall<Long> call) {
      port.start(call, (ticket, result) -> came = RawPort.longValue(result));
      return came;
    }

    @Override
    public Crossings crossings() {
      return Crossings.of(runtime.metrics());
    }
  }

  /** An arm that wakes from one Java thread. */
  private abstract static class Java extends Rounds {

    private final ExecutorService thread;
    private long resumes;

    Java(String name, Ground ground, ExecutorService thread, int wakes) {
      super(name, ground, wakes);
      this.thread = thread;
    }

    @Override
    long wake() throws Exception {
      return thread
          .submit(
              () -> {
                long start = System.nanoTime();
                for (int i = 0; i < wakes; i++) {
                  wakeOnce();
                }
                return System.nanoTime() - start;
              })
          .get();
    }

    @Override
    long resumed() {
      long count = resumes;
      resumes = 0;
      return count;
    }

    void resume() {
      resumes++;
    }

    abstract void wakeOnce();
  }

  private static final class Each extends Java {

    private final Runnable resume = this::resume;

    Each(Ground ground, ExecutorService thread, int wakes) {
      super(EACH, ground, thread, wakes);
    }

    @Override
    void wakeOnce() {
      ground.loop.execute(resume);
    }

    @Override
    int resumesPerRound() {
      return wakes;
    }
  }

  private static final class Once extends Java {

    private final AtomicBoolean pending = new AtomicBoolean();

    private final Runnable resume =
        () -> {
          pending.set(false);
          resume();
        };

    Once(Ground ground, ExecutorService thread, int wakes) {
      super(ONCE, ground, thread, wakes);
    }

    @Override
    void wakeOnce() {
      if (!pending.getAndSet(true)) {
        ground.loop.execute(resume);
      }
    }
  }
}
