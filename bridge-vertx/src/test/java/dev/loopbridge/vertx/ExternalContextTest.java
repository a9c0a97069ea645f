package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxBootstrap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Contexts that run on an executor from outside Vert.x: their calls are owned by an event loop. */
class ExternalContextTest extends BridgeTest {

  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "from outside"));
  private final Vertx external =
      VertxBootstrap.create()
          .options(new VertxOptions().setEventLoopPoolSize(1).setUseDaemonThread(true))
          .eventExecutorProvider(thread -> executor)
          .init()
          .vertx();

  @AfterEach
  void closeExternal() {
    Verticles.settled(external.close());
    executor.shutdown();
  }

  @Test
  void completesOnThatExecutor() throws Exception {
    CompletableFuture<String> handler = new CompletableFuture<>();
    Future<Long> future = add.call(1L, 2L).as(VertxBridge.future(external));
    future.onSuccess(
        sum -> {
          ContextInternal context = (ContextInternal) Vertx.currentContext();
          assertThat(context.threadingModel()).isEqualTo(ThreadingModel.EXTERNAL);
          handler.complete(Thread.currentThread().getName() + " got " + sum);
        });
    assertThat(handler.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isEqualTo("from outside got 3");
  }

  @Test
  void closeOfVertxCancelsItsCalls() {
    Future<Void> pending = never.as(VertxBridge.future(external));
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().liveTasks() == 1);
    Verticles.settled(external.close());
    assertThat(pending.cause()).isInstanceOf(CancellationException.class);
    Builtin.awaitNothingLeft(runtime);
  }
}
