package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Counts exactly what crosses the boundary between Java and Rust. */
class CountersTest {

  private static final int MANY = 10_000;

  private final NativeRuntime runtime =
      NativeRuntime.builder(Builtin.library())
          .linger(Duration.ZERO) // a loop that looks by itself needs no upcall
          .workerThreads(2)
          .maxInFlight(MANY)
          .drainBudget(Duration.ofMinutes(1))
          .build();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final AtomicInteger settled = new AtomicInteger();
  private final RawCallback count = (ticket, result) -> settled.incrementAndGet();

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private NativeCall<Long> add() {
    return runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
  }

  @Test
  void tenThousandCompletionsWhileTheLoopIsBlockedMakeOneUpcallAndOneDrain() throws Exception {
    NativeCall<Boolean> waiting =
        runtime.function("tryHold", Boolean.class, long.class).call(60_000L);
    Port port = runtime.on(loop);
    CountDownLatch release = new CountDownLatch(1);
    try (NativeRuntime other = NativeRuntime.create(Builtin.library())) {
      CompletableFuture<Void> held = Builtin.hold(other);
      OnLoop.run(
          loop,
          () -> {
            for (int i = 0; i < MANY; i++) {
              waiting.start(port, count);
            }
            // This task runs after the task that rings the doorbell, and before any drain that
            // finds something.
            loop.execute(Builtin.blockedUntil(release));
          });
      Builtin.eventually().until(() -> runtime.metrics().liveTasks() == MANY);
      held.cancel(false);
      Builtin.eventually().until(() -> runtime.metrics().callsFinished() == MANY);
    }
    RuntimeMetrics blocked = runtime.metrics();
    assertThat(blocked.completions()).isZero();
    assertThat(blocked.wakes()).isEqualTo(1);
    assertThat(blocked.drains()).isZero();
    release.countDown();
    Builtin.eventually().untilAtomic(settled, is(MANY));
    Builtin.awaitNothingLeft(runtime);
    RuntimeMetrics drained = runtime.metrics();
    assertThat(drained.completions()).isEqualTo(MANY);
    assertThat(drained.wakes()).isEqualTo(1);
    assertThat(drained.drains()).isEqualTo(1);
  }

  @Test
  void answersToTheTurnThatAskedMakeNoUpcallAndOneDrain() throws Exception {
    NativeCall<Long> add = add();
    Port port = runtime.on(loop);
    int calls = 2 * SubmissionRing.RECORDS_PUBLISHED_TOGETHER;
    Builtin.eventually().until(port.state.submissions::isDispatcherParked);
    OnLoop.run(
        loop,
        () -> {
          for (int i = 0; i < calls; i++) {
            add.start(port, count);
          }
          // The turn that would ring the doorbell has not ended: the dispatcher has all of the
          // records already.
          Native.portWake(port.state.config.library(), port.state.nativeHalf.handle());
          Builtin.eventually().until(() -> runtime.metrics().callsFinished() == calls);
        });
    Builtin.eventually().untilAtomic(settled, is(calls));
    RuntimeMetrics metrics = runtime.metrics();
    assertThat(metrics.wakes()).isZero();
    assertThat(metrics.drains()).isEqualTo(1);
  }

  @Test
  void aDrainThatRustOwesIsOneWake() {
    Port port = runtime.on(loop);
    assertThat(Native.portRequestWake(port.state.config.library(), port.state.nativeHalf.handle()))
        .isTrue();
    Builtin.eventually().until(() -> runtime.metrics().drains() == 1);
    assertThat(runtime.metrics().wakes()).isEqualTo(1);
  }

  @Test
  void aDrainThatSubmitsMuchWakesTheDispatcherBeforeItEnds() throws Exception {
    NativeCall<Long> add = add();
    Port port = runtime.on(loop);
    int calls = SubmissionRing.RECORDS_PUBLISHED_TOGETHER;
    CompletableFuture<Long> doorbells = new CompletableFuture<>();
    RawCallback submitsMuch =
        (ticket, result) -> {
          Builtin.eventually().until(port.state.submissions::isDispatcherParked);
          long before = runtime.metrics().doorbells();
          for (int i = 0; i < calls; i++) {
            add.start(port, count);
          }
          Builtin.eventually().until(() -> runtime.metrics().callsFinished() == calls + 1);
          doorbells.complete(runtime.metrics().doorbells() - before);
        };
    OnLoop.run(loop, () -> add.start(port, submitsMuch));
    assertThat(doorbells.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    Builtin.eventually().untilAtomic(settled, is(calls));
  }

  @Test
  void aBurstFromOneLoopTurnMakesAtMostOneDowncall() throws Exception {
    NativeCall<Long> add = add();
    Port port = runtime.on(loop);
    int bursts = 50;
    for (int burst = 1; burst <= bursts; burst++) {
      long before = runtime.metrics().doorbells();
      OnLoop.run(
          loop,
          () -> {
            for (int i = 0; i < 200; i++) {
              add.start(port, count);
            }
          });
      int expected = burst * 200;
      Builtin.eventually().untilAtomic(settled, is(expected));
      assertThat(runtime.metrics().doorbells() - before).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void aFutureReadyAtFirstPollMakesNoTask() throws Exception {
    NativeCall<Long> add = add();
    Port port = runtime.on(loop);
    OnLoop.run(
        loop,
        () -> {
          for (int i = 0; i < 1_000; i++) {
            add.start(port, count);
          }
        });
    Builtin.eventually().untilAtomic(settled, is(1_000));
    RuntimeMetrics metrics = runtime.metrics();
    assertThat(metrics.readyAtFirstPoll()).isEqualTo(1_000);
    assertThat(metrics.tasksSpawned()).isZero();
  }

  @Test
  void aFutureThatPendsMakesOneTask() throws Exception {
    NativeCall<Long> yielding = runtime.function("yieldTimes", Long.class, long.class).call(5L);
    Port port = runtime.on(loop);
    OnLoop.run(loop, () -> yielding.start(port, count));
    Builtin.eventually().untilAtomic(settled, is(1));
    RuntimeMetrics metrics = runtime.metrics();
    assertThat(metrics.readyAtFirstPoll()).isZero();
    assertThat(metrics.tasksSpawned()).isEqualTo(1);
  }

  @Test
  void aCpuBoundFunctionGoesToTheBlockingPool() throws Exception {
    NativeCall<Void> burn = runtime.function("burnBlocking", Void.class, long.class).call(10L);
    Port port = runtime.on(loop);
    OnLoop.run(loop, () -> burn.start(port, count));
    Builtin.eventually().untilAtomic(settled, is(1));
    assertThat(runtime.metrics().blockingSpawned()).isEqualTo(1);
    assertThat(runtime.metrics().readyAtFirstPoll()).isZero();
  }

  @Test
  void codeThatOutlivesItsCallIsCountedUntilItEnds() throws Exception {
    long micros = TimeUnit.SECONDS.toMicros(2);
    NativeCall<Void> burn = runtime.function("burnBlocking", Void.class, long.class).call(micros);
    Port port = runtime.on(loop);
    CompletableFuture<Long> ticket = new CompletableFuture<>();
    OnLoop.run(loop, () -> ticket.complete(burn.start(port, count)));
    Builtin.eventually().until(() -> runtime.metrics().blockingRunning() == 1);
    assertThat(runtime.metrics().blockingAbandoned()).isZero();
    OnLoop.run(loop, () -> port.cancel(ticket.join()));
    Builtin.eventually().until(() -> runtime.metrics().blockingAbandoned() == 1);
    Builtin.eventually().until(() -> runtime.metrics().blockingRunning() == 0);
    assertThat(runtime.metrics().blockingAbandoned()).isZero();
    assertThat(runtime.metrics().blockingQueued()).isZero();
  }

  @Test
  void aHeavyFunctionIsSpawnedAtOnce() throws Exception {
    NativeCall<Void> burn = runtime.function("burnHeavy", Void.class, long.class).call(10L);
    Port port = runtime.on(loop);
    OnLoop.run(loop, () -> burn.start(port, count));
    Builtin.eventually().untilAtomic(settled, is(1));
    assertThat(runtime.metrics().tasksSpawned()).isEqualTo(1);
    assertThat(runtime.metrics().readyAtFirstPoll()).isZero();
  }

  @Test
  void aFunctionWhoseFirstPollIsSlowIsSpawnedFromThenOn() throws Exception {
    NativeCall<Void> burn = runtime.function("burn", Void.class, long.class).call(2_000L);
    Port port = runtime.on(loop);
    int calls = 20;
    for (int i = 1; i <= calls; i++) {
      OnLoop.run(loop, () -> burn.start(port, count));
      Builtin.eventually().untilAtomic(settled, is(i));
    }
    RuntimeMetrics metrics = runtime.metrics();
    assertThat(metrics.readyAtFirstPoll()).isBetween(1L, 5L);
    assertThat(metrics.tasksSpawned()).isEqualTo(calls - metrics.readyAtFirstPoll());
  }
}
