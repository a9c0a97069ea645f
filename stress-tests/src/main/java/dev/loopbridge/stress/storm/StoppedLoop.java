package dev.loopbridge.stress.storm;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Signals;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * Stops a loop while very many wakes are made for the futures that it drives: each wake returns,
 * and once the loop runs again it polls each future once for all its wakes.
 */
final class StoppedLoop {

  private static final int FUTURES = 250;
  private static final int WAKERS = 2;

  /** A slower wake has waited for another thread; on a crowded machine a wake takes tens of ms. */
  private static final long SLOWEST_NANOS = 1_000_000_000;

  private StoppedLoop() {}

  /** Makes so many wakes. */
  static void run(LoopKind kind, long wakes, Duration patience, Findings findings)
      throws Exception {
    LoopKind.Started started = kind.start();
    OwnerLoop loop = started.loop();
    CountDownLatch release = new CountDownLatch(1);
    NativeLibrary library =
        NativeLibrary.load("loopbridge_builtin", NativeRuntime.class.getClassLoader());
    try (NativeRuntime runtime =
            NativeRuntime.builder(library).workerThreads(2).linger(Duration.ZERO).build();
        NativeRuntime control =
            NativeRuntime.builder(library).workerThreads(1).threadName("wakers").build()) {
      long first = Signals.block(FUTURES);
      List<CompletableFuture<Long>> waits = new ArrayList<>();
      var wait = Fn.LOCAL_AWAIT_SIGNAL.in(runtime);
      for (long number = first; number < first + FUTURES; number++) {
        waits.add(wait.call(number).toFuture(loop));
      }
      if (!Watch.until(
          () -> runtime.metrics().liveLocalFutures() == FUTURES,
          () -> runtime.metrics().localPolls(),
          patience)) {
        findings.hangs(Invariant.I1, "futures on " + kind.name() + " are not polled");
        return;
      }
      CountDownLatch stopped = new CountDownLatch(1);
      loop.execute(
          () -> {
            stopped.countDown();
            try {
              release.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          });
      stopped.await();
      RuntimeMetrics before = runtime.metrics();
      var wake = Fn.WAKE_WAITING.in(control);
      List<CompletableFuture<Long>> wakers = new ArrayList<>();
      for (int i = 0; i < WAKERS; i++) {
        wakers.add(wake.call(first, (long) FUTURES, wakes / FUTURES / WAKERS).toFuture());
      }
      CompletableFuture<?> woke = CompletableFuture.allOf(wakers.toArray(CompletableFuture[]::new));
      if (!Watch.until(woke::isDone, () -> 0, patience)) {
        findings.hangs(
            Invariant.I4, "wakes for a stopped loop on " + kind.name() + " do not return");
        return;
      }
      long slowest = wakers.stream().mapToLong(CompletableFuture::join).max().orElseThrow();
      long upcalls = runtime.metrics().wakes() - before.wakes();
      Fn.SIGNAL.call(control, first, (long) FUTURES).await();
      release.countDown();
      CompletableFuture<?> ended = CompletableFuture.allOf(waits.toArray(CompletableFuture[]::new));
      if (!Watch.until(ended::isDone, () -> runtime.metrics().localPolls(), patience)) {
        findings.hangs(Invariant.I1, "futures woken while " + kind.name() + " was stopped wait on");
        return;
      }
      long polls = runtime.metrics().localPolls() - before.localPolls();
      if (slowest > SLOWEST_NANOS) {
        findings.violated(Invariant.I4, "a wake took %,d ns on %s".formatted(slowest, kind.name()));
      } else if (upcalls > 1) {
        findings.violated(
            Invariant.I2, "%d upcalls to a stopped loop on %s".formatted(upcalls, kind.name()));
      } else if (polls > FUTURES) {
        findings.violated(
            Invariant.I18,
            "%,d polls of %d futures that were woken while %s was stopped"
                .formatted(polls, FUTURES, kind.name()));
      } else {
        findings.ran(Invariant.I4, "wakes for a stopped loop on " + kind.name(), wakes);
        findings.note(
            "the slowest of %,d wakes for a stopped %s took %,d us"
                .formatted(wakes, kind.name(), slowest / 1_000));
      }
    } finally {
      release.countDown();
      started.end();
    }
  }
}
