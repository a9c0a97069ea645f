package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An error while a port is opened reaches the target of the call, on its loop. */
class FailedOpeningTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final Unwatchable executor = new Unwatchable();
  private final NettyLoop loop = NettyLoop.of(executor);
  private final NativeCall<Long> add =
      runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);

  /** An executor that has no way to report its end. */
  private static final class Unwatchable extends SingleThreadEventExecutor {

    volatile boolean broken = true;

    Unwatchable() {
      super(null, new DefaultThreadFactory("unwatchable", true), true);
    }

    @Override
    protected void run() {
      while (!confirmShutdown()) {
        Runnable task = takeTask();
        if (task != null) {
          task.run();
        }
      }
    }

    @Override
    public Future<?> terminationFuture() {
      if (broken) {
        throw new IllegalStateException("the end cannot be watched");
      }
      return super.terminationFuture();
    }
  }

  @AfterEach
  void closeAll() {
    executor.broken = false;
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Test
  void comesToAStage() throws Exception {
    CompletableFuture<Long> stage = add.toFuture(loop);
    assertThatThrownBy(() -> stage.get(30, TimeUnit.SECONDS))
        .hasRootCauseMessage("the end cannot be watched");
    executor.broken = false;
    assertThat(add.toFuture(loop).get(30, TimeUnit.SECONDS)).isEqualTo(3);
  }

  @Test
  void comesToAPromise() throws Exception {
    Promise<Long> promise = add.toPromise(executor);
    assertThat(promise.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(promise.cause()).hasMessage("the end cannot be watched");
  }

  @Test
  void comesToATargetOnItsLoopAndNowhereElse() throws Exception {
    CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    CallHandle handle =
        add.start(
            loop,
            new CallTarget<Long>() {
              @Override
              public void value(Long value) {
                outcome.complete(null);
              }

              @Override
              public void error(Throwable error) {
                outcome.complete(loop.inLoop() ? error : new AssertionError("off the loop", error));
              }
            });
    assertThat(outcome.get(30, TimeUnit.SECONDS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the end cannot be watched");
    assertThat(handle.isSettled()).isTrue();
    assertThat(handle.loop()).isEqualTo(loop);
  }
}
