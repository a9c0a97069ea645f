package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Loops that take no task for a while, and callbacks that throw: no call is lost by either. */
class StubbornLoopTest {

  private static final int QUEUE = 16;

  private final NativeRuntime runtime = Builtin.runtime();
  private final DefaultEventExecutor executor =
      new DefaultEventExecutor(
          null,
          new DefaultThreadFactory("stubborn", true),
          QUEUE,
          RejectedExecutionHandlers.reject());
  private final NettyLoop loop = NettyLoop.of(executor);

  @AfterEach
  void closeAll() {
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Test
  void aFullQueueDelaysTheDrainButLosesNothing() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    NativeCall<Boolean> waiting =
        runtime.function("tryHold", Boolean.class, long.class).call(60_000L);
    CompletableFuture<Boolean> settled = new CompletableFuture<>();
    Port port = runtime.on(loop);
    NativeRuntime other = Builtin.runtime();
    CompletableFuture<Void> held = Builtin.hold(other);
    loop.execute(
        () -> {
          waiting.start(port, (ticket, result) -> settled.complete(result.booleanValue()));
          loop.execute(
              () -> {
                started.countDown();
                Builtin.blockedUntil(release).run();
              });
        });
    assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 10 * QUEUE; i++) {
                loop.execute(() -> {});
              }
            })
        .isInstanceOf(RejectedExecutionException.class);
    CompletableFuture<Boolean> hopping = waiting.toFuture(loop);
    other.close(); // releases the lock
    assertThat(held).isCompletedExceptionally();
    Builtin.eventually().until(() -> runtime.metrics().callsFinished() == 1);
    assertThat(settled).isNotDone();
    release.countDown();
    assertThat(settled.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(hopping.get(30, TimeUnit.SECONDS)).isTrue();
  }

  /** An executor that starts threads as it needs them throws an error when it can start none. */
  @Test
  void aLoopThatThrowsAnErrorLosesNothing() throws Exception {
    int calls = 1_000;
    OwnerLoop failing = new FailingLoop(loop, new OutOfMemoryError("as planned"));
    try (NativeRuntime hasty =
        NativeRuntime.builder(Builtin.library()).drainBudget(Duration.ofNanos(1)).build()) {
      NativeCall<Long> add = hasty.function("add", Long.class, long.class, long.class).call(1L, 2L);
      Port port = hasty.on(failing);
      AtomicInteger settled = new AtomicInteger();
      Builtin.eventually().until(port.state.submissions::isDispatcherParked);
      loop.execute(
          () -> {
            for (int i = 0; i < calls; i++) {
              add.start(port, (ticket, result) -> settled.incrementAndGet());
            }
          });
      Builtin.eventually().until(() -> settled.get() == calls);
      Builtin.awaitNothingLeft(hasty);
    }
  }

  /** Such an executor ends when any task throws, and then reports that it failed. */
  @Test
  void aLoopThatDiesOfATaskIsGone() {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    CompletableFuture<Void> pending = never.toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    loop.execute(
        () -> {
          throw new IllegalStateException("as planned");
        });
    assertThatThrownBy(() -> pending.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(OwnerGoneException.class);
    assertThat(executor.terminationFuture().isSuccess()).isFalse();
    assertThatThrownBy(() -> never.toFuture(loop).get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(OwnerGoneException.class);
  }

  /** A loop that drops its queue, such as an executor that is shut down at once. */
  @Test
  void aLoopThatForgetsWhatItTookOfAClosedRuntimeLosesNothing() {
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
    OwnerLoop forgetting =
        new ForwardingLoop(loop) {
          @Override
          public void execute(Runnable task) {}
        };
    runtime.close();
    CompletableFuture<Long> refused = add.toFuture(forgetting);
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    assertThatThrownBy(() -> refused.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
  }

  @Test
  void aCallbackThatThrowsHurtsNoOtherCall() throws Exception {
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
    Port port = runtime.on(loop);
    CompletableFuture<Long> last = new CompletableFuture<>();
    loop.execute(
        () -> {
          add.start(
              port,
              (ticket, result) -> {
                throw new IllegalStateException("as planned");
              });
          add.start(
              port,
              (ticket, result) -> {
                throw new StackOverflowError("as planned");
              });
          add.start(port, (ticket, result) -> last.complete(result.longValue()));
        });
    assertThat(last.get(30, TimeUnit.SECONDS)).isEqualTo(3L);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void callbacksMayStartCancelAndClose() throws Exception {
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    CompletableFuture<Throwable> closed = new CompletableFuture<>();
    CompletableFuture<Void> pending = never.toFuture(loop);
    CompletableFuture<Void> cancelled = never.toFuture(loop);
    pending.whenComplete((nothing, error) -> closed.complete(error));
    add.toFuture(loop)
        .thenCompose(sum -> add.toFuture(loop))
        .thenAccept(
            sum -> {
              cancelled.cancel(false);
              runtime.close();
            });
    assertThat(closed.get(30, TimeUnit.SECONDS)).isInstanceOf(RuntimeClosedException.class);
    assertThat(cancelled).isCancelled();
  }
}
