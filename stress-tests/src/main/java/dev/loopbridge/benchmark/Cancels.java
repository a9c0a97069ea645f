package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.reactor.ReactorBridge;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Starts calls that never end by themselves and cancels them; all have ended on Rust's side too
 * before the next burst.
 */
final class Cancels {

  private static final int BURST = 256;

  private Cancels() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground()) {
      NativeCall<Void> never = Fn.NEVER.call(ground.runtime);
      List<Arm> arms = new ArrayList<>();
      arms.add(new Bursts(RoundTrips.RAW, ground, raw(ground, never)));
      arms.add(
          new Bursts(
              RoundTrips.STAGE,
              ground,
              of(() -> never.toFuture(ground.owner), stage -> stage.cancel(false))));
      Mono<Void> mono = never.as(ReactorBridge.mono(ground.owner));
      arms.add(new Bursts(RoundTrips.MONO, ground, of(mono::subscribe, Disposable::dispose)));
      arms.add(
          new Bursts(
              RoundTrips.FUTURE,
              ground,
              of(
                  () -> CompletableFuture.supplyAsync(Trips::javaAdd, ground.pool),
                  future -> future.cancel(false))));
      Scheduler workers = Schedulers.fromExecutor(ground.pool);
      Scheduler back = Schedulers.fromExecutor(ground.loop);
      Mono<Object> javaMono = Mono.never().subscribeOn(workers).publishOn(back);
      arms.add(
          new Bursts(RoundTrips.REACTOR, ground, of(javaMono::subscribe, Disposable::dispose)));
      return List.of(
          harness.compare(
              "cancel", "Started and cancelled, in bursts of 256", RoundTrips.FUTURE, arms));
    }
  }

  /** Starts so many calls, then cancels all; on the loop. */
  private interface StartAndCancel {
    void run(int count) throws Exception;
  }

  private interface Start<T> {
    T start() throws Exception;
  }

  private static <T> StartAndCancel of(Start<T> start, Consumer<T> cancel) {
    List<T> started = new ArrayList<>();
    return count -> {
      for (int i = 0; i < count; i++) {
        started.add(start.start());
      }
      started.forEach(cancel);
      started.clear();
    };
  }

  private static StartAndCancel raw(Ground ground, NativeCall<Void> never) {
    RawPort port = RawPort.of(ground.runtime, ground.owner);
    long[] tickets = new long[BURST];
    return count -> {
      for (int i = 0; i < count; i++) {
        tickets[i] = port.start(never, (ticket, result) -> {});
      }
      for (int i = 0; i < count; i++) {
        port.cancel(tickets[i]);
      }
    };
  }

  /** One burst after another. */
  private static final class Bursts implements Arm {

    private final String name;
    private final Ground ground;
    private final StartAndCancel operations;

    // Only the loop uses these while a run lasts.
    private long deadline;
    private long ended;
    private Throwable failure;
    private CountDownLatch through;

    Bursts(String name, Ground ground, StartAndCancel operations) {
      this.name = name;
      this.ground = ground;
      this.operations = operations;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Crossings crossings() {
      return Crossings.of(ground.runtime.metrics());
    }

    @Override
    public long run(long nanos) throws Exception {
      CountDownLatch latch = new CountDownLatch(1);
      ground.loop.execute(
          () -> {
            through = latch;
            deadline = System.nanoTime() + nanos;
            ended = 0;
            failure = null;
            burst();
          });
      latch.await();
      if (failure != null) {
        throw new IllegalStateException(name + " failed", failure);
      }
      return ended;
    }

    private void burst() {
      try {
        operations.run(BURST);
        ended += BURST;
      } catch (Exception e) {
        failure = e;
        through.countDown();
        return;
      }
      settle();
    }

    /** Waits turn by turn until nothing is live on either side. */
    private void settle() {
      var metrics = ground.runtime.metrics();
      if (metrics.liveCalls() > 0 || metrics.liveTasks() > 0 || !ground.pool.isQuiescent()) {
        ground.loop.execute(this::settle);
      } else if (System.nanoTime() < deadline) {
        ground.loop.execute(this::burst);
      } else {
        through.countDown();
      }
    }
  }
}
