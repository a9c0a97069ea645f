package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.loopbridge.spi.CallTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a user's code does to one call, it settles, and so do the other calls of its loop. */
class UnrulyUserTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  @AfterEach
  void closeAll() {
    Builtin.awaitNothingLeft(runtime);
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private void assertLoopStillSettles() throws Exception {
    CompletableFuture<Long> sum =
        runtime.function("add", Long.class, long.class, long.class).call(1L, 2L).toFuture(loop);
    assertThat(sum.get(30, TimeUnit.SECONDS)).isEqualTo(3L);
  }

  @Test
  void aTargetThatThrowsWhenItsStartIsRefusedHurtsNoOtherCall() throws Exception {
    NativeCall<String> refused =
        runtime.function("echoString", String.class, String.class).call("\ud800");
    AtomicInteger callbacks = new AtomicInteger();
    CallTarget<String> throwing =
        new CallTarget<>() {
          @Override
          public void value(String value) {}

          @Override
          public void error(Throwable error) {
            callbacks.incrementAndGet();
            throw new IllegalStateException("as planned");
          }
        };
    refused.start(loop, throwing);
    Builtin.eventually().until(() -> callbacks.get() == 1);
    assertLoopStillSettles();
    loop.execute(() -> refused.start(loop, throwing));
    Builtin.eventually().until(() -> callbacks.get() == 2);
    assertLoopStillSettles();
  }

  @Test
  void aLogThatThrowsHurtsNoOtherCall() throws Exception {
    Logger logger = Logger.getLogger(Port.class.getName());
    Handler full = new FullDisk();
    logger.addHandler(full);
    try {
      Port port = runtime.on(loop);
      NativeCall<Void> noop = runtime.function("noop", Void.class).call();
      AtomicInteger callbacks = new AtomicInteger();
      loop.execute(
          () -> {
            for (int i = 0; i < 3; i++) {
              noop.start(
                  port,
                  (ticket, result) -> {
                    callbacks.incrementAndGet();
                    throw new IllegalStateException("as planned");
                  });
            }
          });
      Builtin.eventually().until(() -> callbacks.get() == 3);
      assertLoopStillSettles();
    } finally {
      logger.removeHandler(full);
    }
  }

  @Test
  void aLogThatThrowsKeepsNoCallOfALoopThatEnded() {
    NettyLoop ending = NettyLoop.of(NettyNioLoopTest.newLoop());
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    Logger logger = Logger.getLogger(Port.class.getName());
    Handler full = new FullDisk();
    logger.addHandler(full);
    try {
      never.start(
          ending,
          new CallTarget<>() {
            @Override
            public void value(Void value) {}

            @Override
            public void error(Throwable error) {
              throw new IllegalStateException("as planned");
            }
          });
      CompletableFuture<Void> stage = never.toFuture(ending);
      Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 2);
      NettyNioLoopTest.end(ending);
      assertThatThrownBy(() -> stage.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OwnerGoneException.class);
      Builtin.awaitNothingLeft(runtime);
    } finally {
      logger.removeHandler(full);
    }
  }

  @Test
  void aBufferReleasedTooOftenHurtsNoCall() throws Exception {
    ByteBuf buffer = Unpooled.directBuffer(5_000).writeZero(5_000);
    CompletableFuture<Long> stashed =
        runtime.function("stash", Long.class, ByteBuf.class).call(buffer).toFuture(loop);
    assertThat(stashed.get(30, TimeUnit.SECONDS)).isEqualTo(5_000);
    assertThat(runtime.metrics().lendingCalls()).isEqualTo(1);
    buffer.release(2);
    assertThat(
            runtime.function("unstash", Long.class).call().toFuture(loop).get(30, TimeUnit.SECONDS))
        .isEqualTo(1);
    assertLoopStillSettles();
  }

  /** Bytes that are copied into the record, into the call's cell, and that are lent. */
  @ParameterizedTest
  @ValueSource(ints = {40, 1_000, 5_000})
  void aBufferReleasedBeforeTheCallIsAnErrorOfTheCall(int size) throws Exception {
    ByteBuf buffer = Unpooled.directBuffer(size).writeZero(size);
    buffer.release();
    CompletableFuture<Long> sum =
        runtime.function("sumBytes", Long.class, ByteBuf.class).call(buffer).toFuture(loop);
    assertThatThrownBy(() -> sum.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IllegalReferenceCountException.class);
    assertLoopStillSettles();
  }

  @Test
  void aPromiseThatRefusesItsCancelStillCompletes() throws Exception {
    Promise<Void> promise =
        runtime.function("sleep", Void.class, long.class).call(100L).toPromise(loop.executor());
    assertThat(promise.setUncancellable()).isTrue();
    assertThat(promise.cancel(false)).isFalse();
    assertThat(promise.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(promise.isSuccess()).isTrue();
  }

  @Test
  void waitingForAPromiseOnAnotherLoopThrows() throws Exception {
    Promise<Void> promise = runtime.function("never", Void.class).call().toPromise(loop.executor());
    DefaultEventExecutor other = new DefaultEventExecutor();
    try {
      Throwable thrown =
          OnLoop.call(
              NettyLoop.of(other), () -> catchThrowable(() -> promise.await(1, TimeUnit.SECONDS)));
      assertThat(thrown)
          .isInstanceOf(BlockingOnLoopException.class)
          .hasMessageContaining(NettyLoop.of(other).toString());
    } finally {
      other.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    }
    promise.cancel(false);
  }

  @Test
  void howeverTheStageIsEndedTheRustFutureIsDropped() {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    CompletableFuture<Void> async = never.toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    async.completeAsync(() -> null);
    Builtin.eventually().until(async::isDone);
    Builtin.awaitNothingLeft(runtime);
    CompletableFuture<Void> failedAsync = never.toFuture(loop);
    failedAsync.completeAsync(
        () -> {
          throw new IllegalStateException("as planned");
        });
    Builtin.eventually().until(failedAsync::isCompletedExceptionally);
    Builtin.awaitNothingLeft(runtime);
    CompletableFuture<Void> obtruded = never.toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    obtruded.obtrudeValue(null);
    Builtin.awaitNothingLeft(runtime);
    CompletableFuture<Void> failed = never.toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    failed.obtrudeException(new IllegalStateException("as planned"));
    Builtin.awaitNothingLeft(runtime);
  }

  private static final class FullDisk extends Handler {

    @Override
    public void publish(LogRecord entry) {
      throw new IllegalStateException("the disk is full, as planned");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
