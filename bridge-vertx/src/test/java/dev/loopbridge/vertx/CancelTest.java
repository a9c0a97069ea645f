package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The handle that cancels a call, which a Vert.x future alone cannot do. */
class CancelTest extends BridgeTest {

  private static final String KINDS = "dev.loopbridge.vertx.Verticles#kinds";

  @ParameterizedTest
  @MethodSource(KINDS)
  void dropsTheRustFutureAndFailsTheFutureOnItsContext(ThreadingModel kind) throws Exception {
    ContextInternal context = Verticles.deploy(vertx, kind).context().duplicate();
    CancellableFuture<Void> call = never.as(VertxBridge.cancellable(context));
    CompletableFuture<Object> where = new CompletableFuture<>();
    call.future().onFailure(error -> where.complete(Vertx.currentContext()));
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().liveTasks() == 1);

    assertThat(call.cancel()).isTrue();
    assertThat(call.future().cause()).isInstanceOf(CancellationException.class);
    assertThat(where.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isSameAs(context);
    assertThat(call.cancel()).isFalse();
    Builtin.awaitNothingLeft(runtime);
    assertThat(runtime.metrics().cancelsApplied()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void mayBeCalledOnTheContextItself(ThreadingModel kind) throws Exception {
    ContextInternal context = Verticles.deploy(vertx, kind).context();
    Throwable cause =
        Verticles.on(
            context,
            () -> {
              CancellableFuture<Void> call = never.as(VertxBridge.cancellable());
              assertThat(call.cancel()).isTrue();
              return call.future().cause();
            });
    assertThat(cause).isInstanceOf(CancellationException.class);
    Builtin.awaitNothingLeft(runtime);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void comesTooLateForACallThatHasSettled(ThreadingModel kind) {
    ContextInternal context = Verticles.deploy(vertx, kind).context();
    CancellableFuture<Long> call = add.call(1L, 2L).as(VertxBridge.cancellable(context));
    assertThat(Verticles.settled(call.future())).isEqualTo(3L);
    assertThat(call.cancel()).isFalse();
    assertThat(call.future().result()).isEqualTo(3L);
  }

  /** Many calls that are cancelled at any time: each ends in one way, and no bytes are left. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void racesWithTheResult(ThreadingModel kind) {
    ContextInternal context = Verticles.deploy(vertx, kind).context();
    var makeBytes = runtime.function("makeBytes", ByteBuf.class, long.class);
    Random random = new Random(1);
    List<CancellableFuture<ByteBuf>> calls = new ArrayList<>();
    List<Future<?>> ends = new ArrayList<>();
    int cancelled = 0;
    for (int i = 0; i < 5_000; i++) {
      CancellableFuture<ByteBuf> call =
          makeBytes.call((long) random.nextInt(3_000)).as(VertxBridge.cancellable(context));
      ends.add(call.future().onSuccess(ByteBuf::release));
      calls.add(call);
      if (random.nextBoolean() && calls.get(random.nextInt(calls.size())).cancel()) {
        cancelled++;
      }
    }
    Verticles.settled(Future.join(ends).otherwiseEmpty());
    long failed = ends.stream().filter(Future::failed).count();
    assertThat(failed).isEqualTo(cancelled);
    Builtin.awaitNothingLeft(runtime);
  }
}
