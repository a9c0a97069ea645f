package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.loopbridge.spi.CallTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A runtime closes in time, with a report and with nothing left, whatever its threads are doing at
 * that moment.
 */
@Tag("slow")
class CloseTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  @AfterEach
  void closeAll() {
    Builtin.closeAndAwaitNothingLeft(runtime);
    NettyNioLoopTest.end(loop);
  }

  @Test
  void callsInFlightMayEndWithinTheGrace() {
    CompletableFuture<Void> sleeping =
        runtime.function("sleep", Void.class, long.class).call(200L).toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    CloseReport report = runtime.close(Duration.ofSeconds(20));
    assertThat(report.cancelled()).isZero();
    assertThat(sleeping).isCompleted();
  }

  @Test
  void aGraceForEverEndsWithTheLastCall() {
    CompletableFuture<Void> sleeping =
        runtime.function("sleep", Void.class, long.class).call(200L).toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    CloseReport report = runtime.close(ChronoUnit.FOREVER.getDuration());
    assertThat(report.cancelled()).isZero();
    assertThat(sleeping).isCompleted();
  }

  /** The loop's thread looked the port up before the close, and was held up until now. */
  @Test
  void aCallThatComesWhenItsRuntimeAndThenItsLoopHaveEndedSettles() throws Exception {
    Port port = runtime.on(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
    NettyNioLoopTest.end(loop);
    CompletableFuture<Long> late = new CompletableFuture<>();
    CallTarget<Long> target =
        new CallTarget<>() {
          @Override
          public void value(Long value) {
            late.complete(value);
          }

          @Override
          public void error(Throwable error) {
            late.completeExceptionally(error);
          }
        };
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    new StartedCall(port, add.call(1L, 2L), target).start();
    assertThatThrownBy(() -> late.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
  }

  @Test
  void withoutAGraceNothingIsClosed() {
    assertThatThrownBy(() -> runtime.close(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> runtime.closeAsync(null)).isInstanceOf(NullPointerException.class);
    assertThat(runtime.isClosed()).isFalse();
  }

  @Test
  void aClosedRuntimeSaysSoOnItsDefaultLoopToo() {
    NativeCall<Void> noop = runtime.function("noop", Void.class).call();
    CompletableFuture<Void> before = noop.toFuture();
    before.join();
    runtime.close();
    assertThatThrownBy(() -> noop.toFuture().get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
    assertThatThrownBy(noop::await).isInstanceOf(RuntimeClosedException.class);
  }

  @Test
  void theReportNamesWhatWasCancelled() {
    for (int i = 0; i < 3; i++) {
      runtime.function("never", Void.class).call().toFuture(loop);
      runtime.function("sleep", Void.class, long.class).call(60_000L).toFuture(loop);
    }
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 6);
    CloseReport report = runtime.close(Duration.ofMillis(1));
    assertThat(report.cancelledCalls()).containsOnly(Map.entry("never", 3), Map.entry("sleep", 3));
    assertThat(report.unresponsiveLoops()).isEmpty();
  }

  @Test
  void aBlockingFunctionRunsOnAndIsReported() throws Exception {
    NativeCall<Void> burn =
        runtime.function("burnBlocking", Void.class, long.class).call(2_500_000L);
    CompletableFuture<Void> burning = burn.toFuture(loop);
    NativeCall<Long> burns = runtime.function("burning", Long.class).call();
    Builtin.eventually().until(() -> burns.await() == 1);
    CloseReport report = runtime.close(Duration.ZERO);
    assertThat(burning).isCompletedExceptionally();
    assertThat(report.stillRunning()).isEqualTo(1);
    assertThat(report.cancelledCalls()).containsOnly(Map.entry("burnBlocking", 1));
  }

  @Test
  void aLoopThatDoesNotRunIsReportedAndSettlesLater() throws Exception {
    CompletableFuture<Void> pending = runtime.function("never", Void.class).call().toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(Builtin.blockedUntil(release));
    CloseReport report = runtime.close(Duration.ZERO);
    assertThat(report.unresponsiveLoops()).containsExactly(loop.toString());
    assertThat(pending).isNotDone();
    release.countDown();
    assertThatThrownBy(() -> pending.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
  }

  @Test
  void closeOnALoopBeginsAndDoesNotWait() throws Exception {
    CompletableFuture<Void> pending = runtime.function("never", Void.class).call().toFuture(loop);
    Throwable refused =
        OnLoop.call(
            loop,
            () -> {
              Throwable thrown = catchThrowable(() -> runtime.close(Duration.ofSeconds(1)));
              runtime.close();
              return thrown;
            });
    assertThat(refused)
        .isInstanceOf(BlockingOnLoopException.class)
        .hasMessageContaining(loop.toString());
    assertThatThrownBy(() -> pending.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
  }

  /**
   * Calls that start while the runtime closes: each settles, and the memory that each lent comes
   * back.
   */
  @Test
  void everyCallThatRacesWithCloseSettles() throws Exception {
    ByteBuf lent = Unpooled.directBuffer(5_000).writeZero(5_000);
    for (int round = 0; round < 200; round++) {
      NativeRuntime racing = NativeRuntime.builder(Builtin.library()).workerThreads(2).build();
      NativeCall<Long> sum = racing.function("sumBytes", Long.class, ByteBuf.class).call(lent);
      AtomicInteger settled = new AtomicInteger();
      CompletableFuture<Integer> started = new CompletableFuture<>();
      CountDownLatch running = new CountDownLatch(1);
      loop.execute(
          () -> {
            int calls = 0;
            while (!racing.isClosed() && calls < 3_000) {
              sum.toFuture(loop).whenComplete((v, e) -> settled.incrementAndGet());
              calls++;
              running.countDown();
            }
            started.complete(calls);
          });
      running.await();
      racing.closeAsync(Duration.ZERO);
      int calls = started.get(30, TimeUnit.SECONDS);
      Builtin.eventually().until(() -> settled.get() == calls);
      Builtin.closeAndAwaitNothingLeft(racing);
    }
    assertThat(lent.refCnt()).isEqualTo(1);
    lent.release();
  }

  @Test
  void aPlaceThatWasLostDoesNotKeepThePort() throws Exception {
    Port port = runtime.on(loop);
    SlotTable slots = port.state.slots;
    RawCallback callback = (ticket, result) -> {};
    int function = runtime.function("noop", Void.class).signature.id;
    OnLoop.call(loop, () -> slots.take(function, callback));
    CloseReport report = runtime.close(Duration.ZERO);
    assertThat(report.lostCalls()).isEqualTo(Map.of("noop", 1));
    assertThat(report.unresponsiveLoops()).isEmpty();
    Builtin.closeAndAwaitNothingLeft(runtime);
  }
}
