package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The settle table: whatever ends a call, the call settles once, on its owner loop or as rule 2
 * states, and leaves nothing behind. Each kind of future has a subclass.
 */
public abstract class SettleContract {

  private NativeRuntime runtime;
  private OwnerLoop loop;

  /** Opens a loop for one test. */
  protected abstract OwnerLoop openLoop() throws Exception;

  /** Ends that loop; may return before the loop has ended. */
  protected abstract void shutDownLoop(OwnerLoop opened) throws Exception;

  /**
   * Starts the call through the adapter, owned by {@code owner}, and observes the future. Runs on a
   * thread that is no loop while the loop is held, so that the observer is there before the call
   * settles.
   */
  protected abstract <R> Watched<R> observe(NativeCall<R> call, OwnerLoop owner);

  /**
   * Whether the loop drives the futures, instead of Tokio; the loop then has one thread. The same
   * must be true of both.
   */
  protected boolean loopDriven() {
    return false;
  }

  /** Whether a cancelled future notifies its observers; a disposed Mono notifies none. */
  protected boolean signalsCancel() {
    return true;
  }

  /**
   * Whether observers are notified after the loop's end; otherwise the failure can be read from the
   * future itself.
   */
  protected boolean signalsOwnerGone() {
    return true;
  }

  /** The runtime of this test. */
  protected final NativeRuntime runtime() {
    return runtime;
  }

  @BeforeEach
  final void open() throws Exception {
    runtime = NativeRuntime.builder(Builtin.library()).workerThreads(2).maxInFlight(64).build();
    loop = openLoop();
  }

  @AfterEach
  final void leavesNothing() throws Exception {
    Builtin.awaitNothingLeft(runtime);
    shutDownLoop(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private <R> NativeCall<R> call(String function, Class<R> result, Object... arguments) {
    Class<?>[] classes = new Class<?>[arguments.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = arguments[i] instanceof ByteBuf ? ByteBuf.class : arguments[i].getClass();
    }
    return runtime.function(named(function), result, classes).call(arguments);
  }

  private String named(String function) {
    return loopDriven()
        ? "local" + Character.toUpperCase(function.charAt(0)) + function.substring(1)
        : function;
  }

  /** Waits until this many calls are under way. */
  private void awaitRunning(int calls) {
    Builtin.eventually()
        .until(
            () -> {
              RuntimeMetrics metrics = runtime.metrics();
              return (loopDriven() ? metrics.liveLocalFutures() : metrics.liveTasks()) == calls;
            });
  }

  private <R> Watched<R> watch(NativeCall<R> call) {
    return watch(call, () -> {});
  }

  /**
   * Starts and observes the call while the loop is held, then runs {@code before} and releases the
   * loop.
   */
  private <R> Watched<R> watch(NativeCall<R> call, Runnable before) {
    CountDownLatch observed = new CountDownLatch(1);
    try {
      loop.execute(() -> awaitOnLoop(observed));
    } catch (RejectedExecutionException e) {
      // After the end of its loop a call may settle on any thread, so there is no order to wait
      // for.
    }
    Watched<R> watched = observe(call, loop);
    before.run();
    observed.countDown();
    return watched;
  }

  private static void awaitOnLoop(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the end of the loop interrupts its task
    }
  }

  /** Keeps the loop busy until the returned latch is counted down. */
  private CountDownLatch blockLoop() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(
        () -> {
          entered.countDown();
          awaitOnLoop(release);
        });
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
    return release;
  }

  private void settlesOnceAndLeavesNothing(Watched<?> watched) throws Exception {
    Builtin.awaitNothingLeft(runtime);
    OnLoop.turn(loop);
    assertThat(watched.settlements()).isEqualTo(1);
  }

  @Test
  void value() throws Exception {
    Watched<Long> watched = watch(call("add", Long.class, 40L, 2L));
    assertThat(watched.value()).isEqualTo(42L);
    settlesOnceAndLeavesNothing(watched);
  }

  @Test
  void valueAfterAWhile() throws Exception {
    Watched<Long> watched = watch(call("yieldTimes", Long.class, 10L));
    assertThat(watched.value()).isEqualTo(10L);
    settlesOnceAndLeavesNothing(watched);
  }

  @Test
  void nothing() throws Exception {
    NativeCall<Long> none =
        runtime
            .function(named("echoOptionalLong"), Long.class, Long.class)
            .call(new Object[] {null});
    for (NativeCall<?> call : List.of(none, call("sleep", Void.class, 0L))) {
      Watched<?> watched = watch(call);
      assertThat(watched.value()).isNull();
      settlesOnceAndLeavesNothing(watched);
    }
  }

  @Test
  void bytesBothWays() throws Exception {
    ByteBuf given = ByteBufAllocator.DEFAULT.directBuffer(100_000);
    for (int i = 0; i < 100_000; i++) {
      given.writeByte(i * 31);
    }
    Watched<ByteBuf> watched = watch(call("echo", ByteBuf.class, given));
    ByteBuf received = watched.value();
    assertThat(received).isEqualTo(given);
    received.release();
    settlesOnceAndLeavesNothing(watched);
    assertThat(given.refCnt()).isEqualTo(1);
    given.release();
  }

  @Test
  void error() throws Exception {
    Watched<Void> watched = watch(call("fail", Void.class, "no luck", 2));
    Throwable error = watched.error();
    assertThat(error).isInstanceOf(NativeException.class).hasMessage("no luck");
    assertThat(error.getCause()).isInstanceOf(NativeException.class);
    assertThat(error.getCause().getCause()).isInstanceOf(NativeException.class).hasNoCause();
    settlesOnceAndLeavesNothing(watched);
  }

  @Test
  void panicInFirstPoll() throws Exception {
    Watched<Void> watched = watch(call("panic", Void.class, "boom"));
    assertPanicked(watched, "boom");
  }

  @Test
  void panicInLaterPoll() throws Exception {
    Watched<Void> watched = watch(call("panicAfterYield", Void.class, "boom later"));
    assertPanicked(watched, "boom later");
  }

  @Test
  void panicInDrop() throws Exception {
    Watched<Void> watched = watch(call("panicInDrop", Void.class, "boom in drop"));
    assertPanicked(watched, "boom in drop");
  }

  private void assertPanicked(Watched<Void> watched, String text) throws Exception {
    Throwable error = watched.error();
    assertThat(error).isInstanceOf(NativePanicError.class).hasMessage(text);
    assertThat(((NativePanicError) error).location()).matches(".*\\.rs:\\d+:\\d+");
    settlesOnceAndLeavesNothing(watched);
    assertThat(runtime.metrics().panics()).isEqualTo(1);
  }

  @Test
  void cancelledBeforeItStarts() throws Exception {
    CountDownLatch release = blockLoop();
    Watched<Void> watched = watch(call("never", Void.class));
    watched.cancel();
    release.countDown();
    assertCancelled(watched);
    assertThat(runtime.metrics().callsBegun()).isZero();
  }

  @Test
  void cancelledWhileItRuns() throws Exception {
    Watched<Void> watched = watch(call("never", Void.class));
    awaitRunning(1);
    watched.cancel();
    assertCancelled(watched);
    assertThat(runtime.metrics().cancelsApplied()).isEqualTo(loopDriven() ? 0 : 1);
  }

  @Test
  void cancelledOnItsLoopWhileItRuns() throws Exception {
    Watched<Void> watched = watch(call("never", Void.class));
    awaitRunning(1);
    loop.execute(watched::cancel);
    if (signalsCancel()) {
      assertThat(watched.error()).isInstanceOf(CancellationException.class);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void cancelledWithAFutureThatPanicsInDrop() throws Exception {
    Watched<Void> watched = watch(call("panicInDropPending", Void.class, "late boom"));
    awaitRunning(1);
    watched.cancel();
    assertCancelled(watched);
    Builtin.eventually().until(() -> runtime.metrics().panics() == 1);
  }

  @Test
  void cancelledBetweenCompletionAndDrain() throws Exception {
    if (loopDriven()) {
      return; // there is no point between the two
    }
    ByteBuf given = ByteBufAllocator.DEFAULT.directBuffer(50_000).writeZero(50_000);
    CountDownLatch release = new CountDownLatch(1);
    Watched<ByteBuf> watched =
        watch(call("echo", ByteBuf.class, given), () -> loop.execute(() -> awaitOnLoop(release)));
    Builtin.eventually().until(() -> runtime.metrics().callsFinished() == 1);
    watched.cancel();
    release.countDown();
    assertCancelled(watched);
    assertThat(given.refCnt()).isEqualTo(1);
    given.release();
  }

  @Test
  void cancelledAfterItSettled() throws Exception {
    Watched<Long> watched = watch(call("add", Long.class, 1L, 1L));
    assertThat(watched.value()).isEqualTo(2L);
    watched.cancel();
    settlesOnceAndLeavesNothing(watched);
    assertThat(watched.value()).isEqualTo(2L);
  }

  private void assertCancelled(Watched<?> watched) throws Exception {
    if (signalsCancel()) {
      assertThat(watched.errorAnywhere()).isInstanceOf(CancellationException.class);
      settlesOnceAndLeavesNothing(watched);
    } else {
      Builtin.awaitNothingLeft(runtime);
      OnLoop.turn(loop);
      assertThat(watched.settlements()).isZero();
    }
  }

  @Test
  void runtimeClosedWhileItRuns() throws Exception {
    Watched<Void> watched = watch(call("never", Void.class));
    awaitRunning(1);
    CloseReport report = runtime.close(Duration.ZERO);
    assertThat(watched.error()).isInstanceOf(RuntimeClosedException.class);
    assertThat(report.cancelledCalls()).containsExactly(Map.entry(named("never"), 1));
    assertThat(report.stillRunning()).isZero();
    assertThat(report.unresponsiveLoops()).isEmpty();
    settlesOnceAndLeavesNothing(watched);
  }

  @Test
  void runtimeClosedBeforeItStarts() throws Exception {
    NativeCall<Void> never = call("never", Void.class);
    runtime.close();
    Watched<Void> watched = watch(never);
    assertThat(watched.error()).isInstanceOf(RuntimeClosedException.class);
    settlesOnceAndLeavesNothing(watched);
  }

  @Test
  void runtimeClosedWhileTheLoopIsBlocked() throws Exception {
    Watched<Void> watched = watch(call("never", Void.class));
    awaitRunning(1);
    CountDownLatch release = blockLoop();
    CompletableFuture<CloseReport> report = runtime.closeAsync(Duration.ZERO).toCompletableFuture();
    // Tokio drops a task, the loop drops a loop-driven future.
    Builtin.eventually()
        .until(() -> loopDriven() ? runtime.isClosed() : runtime.metrics().liveTasks() == 0);
    assertThat(watched.settlements()).isZero();
    release.countDown();
    assertThat(watched.error()).isInstanceOf(RuntimeClosedException.class);
    assertThat(report.get(30, TimeUnit.SECONDS).cancelled()).isEqualTo(1);
    settlesOnceAndLeavesNothing(watched);
  }

  @Test
  void loopShutDownBeforeItStarts() throws Exception {
    NativeCall<Void> never = call("never", Void.class);
    shutDownLoop(loop);
    CompletableFuture<Void> gone = new CompletableFuture<>();
    loop.onTermination(() -> gone.complete(null));
    gone.get(30, TimeUnit.SECONDS);
    assertOwnerGone(watch(never));
  }

  @Test
  void loopShutDownWhileItRuns() throws Exception {
    Watched<Void> watched = watch(call("never", Void.class));
    awaitRunning(1);
    shutDownLoop(loop);
    assertOwnerGone(watched);
  }

  @Test
  void loopShutDownAfterItSettled() throws Exception {
    Watched<Long> watched = watch(call("add", Long.class, 1L, 1L));
    assertThat(watched.value()).isEqualTo(2L);
    shutDownLoop(loop);
    Builtin.awaitNothingLeft(runtime);
    Builtin.eventually().until(() -> runtime.metrics().livePorts() == 0);
    assertThat(watched.settlements()).isEqualTo(1);
  }

  private void assertOwnerGone(Watched<?> watched) {
    if (signalsOwnerGone()) {
      assertThat(watched.errorAnywhere()).isInstanceOf(OwnerGoneException.class);
    } else {
      Builtin.eventually()
          .untilAsserted(
              () -> assertThat(watched.failure()).isInstanceOf(OwnerGoneException.class));
    }
    Builtin.awaitNothingLeft(runtime);
    Builtin.eventually().until(() -> runtime.metrics().livePorts() == 0);
    assertThat(watched.settlements()).isEqualTo(signalsOwnerGone() ? 1 : 0);
  }

  @Test
  void refusedOverTheInFlightLimit() throws Exception {
    Watched<?>[] running = new Watched<?>[64];
    for (int i = 0; i < running.length; i++) {
      running[i] = watch(call("never", Void.class));
    }
    OnLoop.turn(loop);
    Watched<Long> refused = watch(call("add", Long.class, 1L, 1L));
    assertThat(refused.error())
        .isInstanceOf(TooManyInFlightException.class)
        .hasMessageContaining("64");
    for (Watched<?> watched : running) {
      watched.cancel();
    }
    settlesOnceAndLeavesNothing(refused);
    Watched<Long> accepted = watch(call("add", Long.class, 1L, 1L));
    assertThat(accepted.value()).isEqualTo(2L);
  }

  @Test
  void refusedAsTooLarge() throws Exception {
    Watched<ByteBuf> refused = watch(call("makeBytes", ByteBuf.class, (long) (64 << 20) + 1));
    assertThat(refused.error())
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining(named("makeBytes"));
    settlesOnceAndLeavesNothing(refused);
  }
}
