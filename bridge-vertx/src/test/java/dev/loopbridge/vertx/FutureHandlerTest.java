package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.Builtin;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeFunction;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rust awaits the Vert.x future that a handler returns. */
class FutureHandlerTest extends BridgeTest {

  private static final String KINDS = "dev.loopbridge.vertx.Verticles#kinds";

  private CompletableFuture<Long> ask(ContextInternal caller, Function<Long, Future<Long>> body) {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CompletableFuture<Long> asked = new CompletableFuture<>();
    caller.runOnContext(
        event ->
            ask.call(20L, VertxBridge.handler(Long.class, Long.class, body))
                .as(VertxBridge.future())
                .onComplete(
                    (value, error) -> {
                      if (error != null) {
                        asked.completeExceptionally(error);
                      } else {
                        asked.complete(value);
                      }
                    }));
    return asked;
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aBodyRunsOnTheContextThatMadeTheHandler(ThreadingModel kind) throws Exception {
    ContextInternal caller = Verticles.deploy(vertx, kind).context().duplicate();
    AtomicReference<Object> seen = new AtomicReference<>();
    CompletableFuture<Long> asked =
        ask(
            caller,
            number -> {
              seen.set(Vertx.currentContext());
              return vertx.timer(1).map(tick -> number + 1);
            });
    assertThat(asked.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(21);
    assertThat(seen.get()).isSameAs(caller);
    Builtin.awaitNothingLeft(runtime);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whatItFailsWithComesBackAsItself(ThreadingModel kind) throws Exception {
    ContextInternal caller = Verticles.deploy(vertx, kind).context().duplicate();
    IOException gone = new IOException("gone");
    CompletableFuture<Long> failed = ask(caller, number -> Future.failedFuture(gone));
    CompletableFuture<Long> threw =
        ask(
            caller,
            number -> {
              throw new IllegalStateException("thrown");
            });
    assertThat(failed.handle((value, error) -> error).get(30, TimeUnit.SECONDS)).isSameAs(gone);
    assertThat(threw.handle((value, error) -> error).get(30, TimeUnit.SECONDS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("thrown");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aBodyOnAVirtualThreadMayAwaitACallOfItsOwnContext() throws Exception {
    ContextInternal caller =
        Verticles.deploy(vertx, ThreadingModel.VIRTUAL_THREAD).context().duplicate();
    CompletableFuture<Long> asked =
        ask(
            caller,
            number ->
                Future.succeededFuture(
                    yieldTimes.call(number).as(VertxBridge.<Long>future()).await() + 1));
    assertThat(asked.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(21);
    Builtin.awaitNothingLeft(runtime);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aHandlerMadeElsewhereOrOnADuplicateStaysThere(ThreadingModel kind) throws Exception {
    ContextInternal root = Verticles.deploy(vertx, kind).context();
    ContextInternal caller = root.duplicate();
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    for (ContextInternal maker :
        List.of(root.duplicate(), Verticles.deploy(vertx, kind).context())) {
      CompletableFuture<Object> seen = new CompletableFuture<>();
      JavaHandler<Long, Long> handler =
          Verticles.on(
              maker,
              () ->
                  VertxBridge.handler(
                      Long.class,
                      Long.class,
                      number -> {
                        seen.complete(Vertx.currentContext());
                        return Future.succeededFuture(number);
                      }));
      Verticles.settled(Verticles.on(caller, () -> ask.call(1L, handler).as(VertxBridge.future())));
      assertThat(seen.get(30, TimeUnit.SECONDS)).isSameAs(maker);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aHandlerOfAnyKindRunsAndIsCancelledOnTheContextOfItsCall(ThreadingModel kind)
      throws Exception {
    ContextInternal caller = Verticles.deploy(vertx, kind).context().duplicate();
    CompletableFuture<Object> ran = new CompletableFuture<>();
    CompletableFuture<Object> cancelled = new CompletableFuture<>();
    JavaHandler<Long, Long> never =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              ran.complete(Vertx.currentContext());
              return () -> cancelled.complete(Vertx.currentContext());
            });
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CancellableFuture<Long> asked =
        Verticles.on(caller, () -> ask.call(1L, never).as(VertxBridge.<Long>cancellable()));
    assertThat(ran.get(30, TimeUnit.SECONDS)).isSameAs(caller);
    asked.cancel();
    assertThat(cancelled.get(30, TimeUnit.SECONDS)).isSameAs(caller);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aBodyOfAnyKindMayAwaitOnAVirtualThread() throws Exception {
    ContextInternal caller =
        Verticles.deploy(vertx, ThreadingModel.VIRTUAL_THREAD).context().duplicate();
    JavaHandler<Long, Long> awaiting =
        JavaHandler.of(
            Long.class,
            Long.class,
            number -> yieldTimes.call(number).as(VertxBridge.<Long>future()).await() + 1);
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CompletableFuture<Long> asked = new CompletableFuture<>();
    caller.runOnContext(
        event -> ask.call(20L, awaiting).as(VertxBridge.future()).onSuccess(asked::complete));
    assertThat(asked.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(21);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aHandlerIsMadeOnAContext() {
    assertThatThrownBy(
            () -> VertxBridge.handler(Long.class, Long.class, number -> Future.failedFuture("")))
        .isInstanceOf(NoVertxContextException.class);
  }
}
