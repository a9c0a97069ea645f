package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.BlockingOnLoopException;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A call that is no Vert.x future is owned by the context it was started on all the same. */
class CurrentContextTest extends BridgeTest {

  static Stream<ThreadingModel> kinds() {
    return Verticles.kinds();
  }

  static Stream<ThreadingModel> kindsWithAnExecutor() {
    return Verticles.kindsWithAnExecutor();
  }

  private ContextInternal context(ThreadingModel kind) {
    return Verticles.deploy(vertx, kind).context();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static Context here() {
    ContextInternal current = ContextInternal.current();
    return current != null && current.isRunningOnContext() ? Vertx.currentContext() : null;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aStageCompletesInTheVeryContext(ThreadingModel kind) throws Exception {
    ContextInternal duplicate = context(kind).duplicate();
    for (NativeCall<Long> call : List.of(add.call(1L, 2L), yieldTimes.call(10L))) {
      CompletableFuture<Context> value = new CompletableFuture<>();
      Verticles.on(duplicate, () -> call.toFuture().thenAccept(sum -> value.complete(here())));
      assertThat(get(value)).isSameAs(duplicate);
    }
    NativeCall<Void> fail =
        runtime.function("fail", Void.class, String.class, int.class).call("no luck", 0);
    CompletableFuture<Context> error = new CompletableFuture<>();
    Verticles.on(
        duplicate, () -> fail.toFuture().whenComplete((none, failure) -> error.complete(here())));
    assertThat(get(error)).isSameAs(duplicate);
    assertThat(OnLoop.call(ContextCalls.of(duplicate).loop(), Vertx::currentContext))
        .as("no context is left behind")
        .isNull();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theLoopThatACallFindsIsThatOfTheContext(ThreadingModel kind) throws Exception {
    ContextInternal context = context(kind);
    assertThat(Verticles.on(context.duplicate(), runtime::currentLoop))
        .isEqualTo(ContextCalls.of(context).loop());
  }

  @Test
  void aPromiseOfTheContextsOwnLoopDoesToo() throws Exception {
    ContextInternal context = context(ThreadingModel.EVENT_LOOP);
    CompletableFuture<Context> value = new CompletableFuture<>();
    Verticles.on(
        context,
        () ->
            yieldTimes
                .call(10L)
                .toPromise(context.nettyEventLoop())
                .addListener(done -> value.complete(here())));
    assertThat(get(value)).isSameAs(context);
  }

  @Test
  void aNamedLoopOfAnotherHasNoContext() throws Exception {
    ContextInternal context = context(ThreadingModel.EVENT_LOOP);
    NettyLoop other = NettyLoop.of(new DefaultEventExecutor());
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CompletableFuture<Long> answer = new CompletableFuture<>();
    JavaHandler<Long, Long> late = JavaHandler.stage(Long.class, Long.class, id -> answer);
    CompletableFuture<Boolean> value = new CompletableFuture<>();
    Verticles.on(
        context,
        () ->
            ask.call(1L, late)
                .toFuture(other)
                .thenAccept(
                    none ->
                        value.complete(
                            Vertx.currentContext() == null
                                && runtime.currentLoop().equals(other))));
    answer.complete(2L);
    assertThat(get(value)).isTrue();
    other.executor().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aHandlerRunsInTheContextOfItsCall(ThreadingModel kind) throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    ContextInternal duplicate = context(kind).duplicate();
    JavaHandler<Long, Long> same =
        JavaHandler.of(Long.class, Long.class, number -> here() == duplicate ? number : -1);
    CompletableFuture<Long> asked = Verticles.on(duplicate, () -> ask.call(7L, same).toFuture());
    assertThat(get(asked)).isEqualTo(7);
  }

  /**
   * The caller is on a worker thread: the wait does not hold up the event loop, which owns the
   * result.
   */
  @Test
  void blockingCodeOfAnEventLoopContextMayWait() throws Exception {
    ContextInternal context = context(ThreadingModel.EVENT_LOOP);
    Future<Long> blocking =
        context.executeBlocking(
            () -> {
              assertThat(runtime.currentLoop()).isEqualTo(ContextCalls.of(context).loop());
              return add.call(1L, 2L).await() + yieldTimes.call(10L).toFuture().join();
            });
    assertThat(Verticles.settled(blocking)).isEqualTo(13);
  }

  @ParameterizedTest
  @MethodSource("kindsWithAnExecutor")
  void aWorkerMayWaitForAnythingButItsOwnContext(ThreadingModel kind) throws Exception {
    ContextInternal context = context(kind);
    Verticles.on(
        context,
        () -> {
          assertThat(add.call(1L, 2L).await()).isEqualTo(3);
          CompletableFuture<Void> own = never.toFuture();
          for (Callable<?> wait :
              List.<Callable<?>>of(
                  own::join,
                  own.thenApply(none -> none)::join,
                  () -> own.get(1, TimeUnit.SECONDS),
                  () -> runtime.close(Duration.ZERO))) {
            assertThatThrownBy(wait::call).isInstanceOf(BlockingOnLoopException.class);
          }
          own.cancel(false);
          return null;
        });
  }

  @ParameterizedTest
  @MethodSource("kindsWithAnExecutor")
  void aCloseOnAContextWithCallsDoesNotWait(ThreadingModel kind) throws Exception {
    CompletableFuture<Void> ended = new CompletableFuture<>();
    boolean waited =
        Verticles.on(
            context(kind),
            () -> {
              never.toFuture().whenComplete((none, error) -> ended.complete(null));
              long start = System.nanoTime();
              runtime.close();
              return System.nanoTime() - start > TimeUnit.SECONDS.toNanos(4);
            });
    assertThat(waited).isFalse();
    get(ended);
  }
}
