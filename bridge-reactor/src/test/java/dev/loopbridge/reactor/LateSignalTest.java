package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

/** Results that arrive after the cancel: none leaks, and none is released twice. */
class LateSignalTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = Loops.netty();
  private final List<Throwable> dropped = new CopyOnWriteArrayList<>();
  private final List<Object> discarded = new CopyOnWriteArrayList<>();

  @BeforeEach
  void hook() {
    Hooks.onErrorDropped(dropped::add);
  }

  @AfterEach
  void closeAll() {
    Hooks.resetOnErrorDropped();
    Builtin.awaitNothingLeft(runtime);
    Loops.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  /** Cancels after Rust has finished and before the loop has drained the outcome. */
  private <R> void cancelLate(NativeCall<R> call, UnaryOperator<Mono<R>> operators)
      throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    long finished = runtime.metrics().callsFinished();
    CountDownLatch before = Loops.hold(loop);
    Disposable subscription = operators.apply(call.as(ReactorBridge.mono(loop))).subscribe();
    // Runs after the start of the call, and before the drain of its outcome.
    loop.execute(
        () -> {
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    before.countDown();
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().callsFinished() > finished);
    subscription.dispose();
    release.countDown();
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().liveCalls() == 0);
    OnLoop.turn(loop);
  }

  private NativeCall<ByteBuf> bytes(long size) {
    return runtime.function("makeBytes", ByteBuf.class, long.class).call(size);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 10, 100_000})
  void withoutAHookTheBridgeReleases(long size) throws Exception {
    cancelLate(bytes(size), mono -> mono);
    Builtin.awaitNothingLeft(runtime);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 10, 100_000})
  void aHookMayRelease(long size) throws Exception {
    cancelLate(
        bytes(size),
        mono ->
            mono.doOnDiscard(
                ByteBuf.class,
                buffer -> {
                  discarded.add(buffer);
                  buffer.release();
                }));
    assertThat(discarded).hasSize(1);
    assertThat(((ByteBuf) discarded.get(0)).refCnt()).isEqualTo(size == 0 ? 1 : 0);
  }

  @Test
  void aHookThatOnlyLooksLeavesTheReleaseToTheBridge() throws Exception {
    cancelLate(bytes(100_000), mono -> mono.doOnDiscard(ByteBuf.class, discarded::add));
    assertThat(discarded).hasSize(1);
    assertThat(((ByteBuf) discarded.get(0)).refCnt()).isZero();
  }

  @Test
  void aHookForAnotherTypeDoesNotHideTheBuffer() throws Exception {
    cancelLate(
        bytes(100_000), mono -> mono.doOnDiscard(ByteBufHolder.class, ReferenceCountUtil::release));
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aHookThatRetainsKeepsTheBuffer() throws Exception {
    cancelLate(
        bytes(100_000),
        mono -> mono.doOnDiscard(ByteBuf.class, buffer -> discarded.add(buffer.retain())));
    ByteBuf kept = (ByteBuf) discarded.get(0);
    assertThat(kept.refCnt()).isEqualTo(1);
    assertThat(kept.readableBytes()).isEqualTo(100_000);
    kept.release();
  }

  @Test
  void aHookThatThrowsDoesNotLeak() throws Exception {
    cancelLate(
        bytes(100_000),
        mono ->
            mono.doOnDiscard(
                ByteBuf.class,
                buffer -> {
                  throw new IllegalStateException("hook");
                }));
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void otherValuesGoToTheHook() throws Exception {
    cancelLate(
        runtime.function("echoString", String.class, String.class).call("late"),
        mono -> mono.doOnDiscard(String.class, discarded::add));
    assertThat(discarded).containsExactly("late");
    cancelLate(runtime.function("noop", Void.class).call(), mono -> mono);
    assertThat(dropped).isEmpty();
  }

  @Test
  void errorsAreDropped() throws Exception {
    cancelLate(
        runtime.function("fail", Void.class, String.class, int.class).call("late", 0),
        mono -> mono);
    assertThat(dropped).hasSize(1);
    assertThat(dropped.get(0)).isInstanceOf(NativeException.class).hasMessage("late");
  }

  @Test
  void panicsAreDropped() throws Exception {
    cancelLate(runtime.function("panic", Void.class, String.class).call("late"), mono -> mono);
    assertThat(dropped).hasSize(1);
    assertThat(dropped.get(0)).isInstanceOf(NativePanicError.class).hasMessage("late");
  }

  @Test
  void thatTheCallWasCancelledIsNoError() throws Exception {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    Disposable subscription = never.as(ReactorBridge.mono(loop)).subscribe();
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().liveTasks() == 1);
    subscription.dispose();
    Builtin.awaitNothingLeft(runtime);
    OnLoop.turn(loop);
    assertThat(dropped).isEmpty();
  }

  @Test
  void thatTheRuntimeClosedMeanwhileIsNoError() throws Exception {
    NativeRuntime closing = Builtin.runtime();
    NativeCall<Void> never = closing.function("never", Void.class).call();
    Disposable subscription = never.as(ReactorBridge.mono(loop)).subscribe();
    await().atMost(Builtin.PATIENCE).until(() -> closing.metrics().liveTasks() == 1);
    CountDownLatch release = Loops.hold(loop);
    subscription.dispose();
    closing.closeAsync(Duration.ZERO);
    await().atMost(Builtin.PATIENCE).until(() -> closing.metrics().liveTasks() == 0);
    release.countDown();
    Builtin.closeAndAwaitNothingLeft(closing);
    assertThat(dropped).isEmpty();
  }

  @Test
  void aHookMayReleaseWhateverIsThere() throws Exception {
    cancelLate(
        bytes(100_000),
        mono -> mono.doOnDiscard(ByteBuf.class, buffer -> buffer.release(buffer.refCnt())));
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void cancelInsideOnNextIsTooLateForTheBridge() throws Exception {
    NativeCall<ByteBuf> call = bytes(100_000);
    ByteBuf received =
        call.as(ReactorBridge.mono(loop)).flux().take(1).next().block(Builtin.PATIENCE);
    assertThat(received.refCnt()).isEqualTo(1);
    received.release();
    OnLoop.turn(loop);
    assertThat(dropped).isEmpty();
  }
}
