package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A cancel drops the Rust future within one poll. */
class CancelTest {

  private static final int CANCELS = 100_000;
  private static final int IN_FLIGHT = 1_000;

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Test
  void cancelsAtRandomTimesLeaveNothing() throws Exception {
    NativeFunction<Long> yielding = runtime.function("yieldTimes", Long.class, long.class);
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    NativeCall<Void> sleep = runtime.function("sleep", Void.class, long.class).call(1L);
    SplittableRandom random = new SplittableRandom(20_261_121);
    Semaphore room = new Semaphore(IN_FLIGHT);
    AtomicLong cancelled = new AtomicLong();
    AtomicLong finished = new AtomicLong();
    for (int i = 0; i < CANCELS; i++) {
      room.acquire();
      NativeCall<?> call =
          switch (random.nextInt(3)) {
            case 0 -> never;
            case 1 -> sleep;
            default -> yielding.call(random.nextLong(20));
          };
      CompletableFuture<?> stage = call.toFuture(loop);
      stage.whenComplete(
          (value, error) -> {
            (stage.isCancelled() ? cancelled : finished).incrementAndGet();
            room.release();
          });
      int spins = random.nextInt(400);
      for (int s = 0; s < spins; s++) {
        Thread.onSpinWait();
      }
      if (random.nextInt(8) == 0) {
        loop.execute(() -> stage.cancel(false));
      } else {
        stage.cancel(false);
      }
    }
    Builtin.eventually().until(() -> cancelled.get() + finished.get() == CANCELS);
    assertThat(cancelled).hasPositiveValue();
    Builtin.awaitNothingLeft(runtime);
    assertThat(runtime.metrics().cancelsApplied()).isPositive();
  }

  @Test
  void aCancelledFutureFreesTheTokioMutexItHeld() {
    NativeCall<Void> hold = runtime.function("hold", Void.class).call();
    NativeFunction<Boolean> tryHold = runtime.function("tryHold", Boolean.class, long.class);
    CompletableFuture<Void> holder = hold.toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    assertThat(tryHold.call(1L).toFuture(loop).join()).as("while it is held").isFalse();
    holder.cancel(false);
    assertThat(tryHold.call(20_000L).toFuture(loop).join()).as("after cancel").isTrue();
  }

  @Test
  void completingTheStageEarlyDropsTheRustFuture() {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    CompletableFuture<Void> stage = never.toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    assertThat(stage.complete(null)).isTrue();
    Builtin.awaitNothingLeft(runtime);
    assertThat(runtime.metrics().cancelsApplied()).isEqualTo(1);
    CompletableFuture<Void> timed =
        never.toFuture(loop).orTimeout(1, java.util.concurrent.TimeUnit.MILLISECONDS);
    Builtin.eventually().until(timed::isCompletedExceptionally);
    Builtin.awaitNothingLeft(runtime);
    assertThat(runtime.metrics().liveCalls()).isZero();
  }

  @Test
  void awaitIsCancelledByInterrupt() throws Exception {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Thread waiting =
        new Thread(
            () -> {
              try {
                never.await();
                seen.complete(null);
              } catch (Throwable e) {
                seen.complete(e);
              }
            });
    waiting.start();
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    waiting.interrupt();
    assertThat(seen.get()).isInstanceOf(InterruptedException.class);
    Builtin.awaitNothingLeft(runtime);
  }
}
