package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A call that names no loop belongs to the loop that the caller runs on, of whichever kind that is.
 */
class CurrentLoopTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final NativeCall<Long> add =
      runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
  private final NativeCall<Void> never = runtime.function("never", Void.class).call();
  private final PlainLoop own = new PlainLoop();
  private final NioEventLoopGroup shaded = new NioEventLoopGroup(1);

  @AfterEach
  void closeAll() {
    Builtin.closeAndAwaitNothingLeft(runtime);
    own.end();
    shaded.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  private void assertServed(OwnerLoop loop) throws Exception {
    assertThat(OnLoop.call(loop, runtime::currentLoop)).isEqualTo(loop);
    CompletableFuture<OwnerLoop> settledOn = new CompletableFuture<>();
    OnLoop.call(
        loop, () -> add.toFuture().thenAccept(sum -> settledOn.complete(runtime.currentLoop())));
    assertThat(settledOn.get(30, TimeUnit.SECONDS)).isEqualTo(loop);
    assertThat(OnLoop.call(loop, () -> runtime.on(runtime.currentLoop())))
        .isSameAs(runtime.on(loop));
  }

  private void assertNeverBlocked(OwnerLoop loop) throws Exception {
    OnLoop.call(
        loop,
        () -> {
          assertThat(Blocking.isOnLoop()).isTrue();
          CompletableFuture<Void> stage = never.toFuture(runtime.defaultLoop());
          for (Callable<?> wait :
              new Callable<?>[] {
                add::await,
                stage::join,
                () -> stage.get(1, TimeUnit.SECONDS),
                stage.thenApply(none -> none)::join,
                () -> runtime.close(Duration.ZERO)
              }) {
            assertThatThrownBy(wait::call)
                .isInstanceOf(BlockingOnLoopException.class)
                .hasMessageContaining(loop.toString());
          }
          stage.cancel(false);
          return null;
        });
  }

  private void assertCloseDoesNotWait(OwnerLoop loop) throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    OnLoop.call(
        loop,
        () -> {
          never.toFuture().whenComplete((none, error) -> ended.complete(null));
          runtime.close();
          assertThat(ended).as("its loop has had no turn").isNotDone();
          return null;
        });
    ended.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aLoopOfTheUsersOwn() throws Exception {
    assertServed(own);
    assertNeverBlocked(own);
    assertCloseDoesNotWait(own);
  }

  @Test
  void aLoopOfTheNettyThatGrpcHasShaded() throws Exception {
    EventLoop executor = shaded.next();
    ForeignNettyLoop loop =
        CompletableFuture.supplyAsync(ForeignNettyLoop::current, executor)
            .get(30, TimeUnit.SECONDS);
    assertThat(loop.toString()).contains(executor.toString());
    assertServed(loop);
    assertNeverBlocked(loop);
    assertCloseDoesNotWait(loop);
  }

  @Test
  void elsewhereItIsTheRuntimesOwn() throws Exception {
    assertThat(runtime.currentLoop()).isEqualTo(runtime.defaultLoop());
    assertThat(Blocking.isOnLoop()).isFalse();
    assertThat(add.await()).isEqualTo(3);
  }
}
