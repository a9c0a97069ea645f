package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.BlockingOnLoopException;
import dev.loopbridge.Builtin;
import dev.loopbridge.NettyLoop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Which threads may wait for a result, and how they wait. */
class AwaitTest extends BridgeTest {

  private ContextInternal context(ThreadingModel kind) {
    return Verticles.deploy(vertx, kind).context();
  }

  @Test
  void anEventLoopIsRefusedByName() throws Exception {
    Verticles.on(
        context(ThreadingModel.EVENT_LOOP),
        () -> {
          String loop = Thread.currentThread().getName();
          assertThat(loop).startsWith("vert.x-eventloop");
          assertThatThrownBy(add.call(1L, 2L)::await)
              .isInstanceOf(BlockingOnLoopException.class)
              .hasMessageContaining(loop);
          assertThatThrownBy(never.toFuture()::join)
              .isInstanceOf(BlockingOnLoopException.class)
              .hasMessageContaining(loop);
          Future<Void> future = never.as(VertxBridge.future());
          assertThatThrownBy(future::await).isInstanceOf(IllegalStateException.class);
          return null;
        });
    runtime.close();
  }

  @Test
  void theLoopThatOwnsTheCallsOfAnEventLoopContextIsNettys() throws Exception {
    ContextInternal context = context(ThreadingModel.EVENT_LOOP);
    assertThat(Verticles.on(context, NettyLoop::current))
        .isEqualTo(NettyLoop.of(context.nettyEventLoop()))
        .isEqualTo(ContextCalls.of(context).loop());
  }

  @Test
  void aWorkerMayBlock() throws Exception {
    assertThat(Verticles.on(context(ThreadingModel.WORKER), yieldTimes.call(10L)::await))
        .isEqualTo(10L);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aVirtualThreadMayBlock() throws Exception {
    assertThat(Verticles.on(context(ThreadingModel.VIRTUAL_THREAD), yieldTimes.call(10L)::await))
        .isEqualTo(10L);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aVirtualThreadAwaitsTheFuture() throws Exception {
    ContextInternal context = context(ThreadingModel.VIRTUAL_THREAD);
    long sum =
        Verticles.on(
            context,
            () -> {
              long total = 0;
              for (long i = 0; i < 1_000; i++) {
                total += yieldTimes.call(i % 3).as(VertxBridge.future()).await();
                assertThat(context.isRunningOnContext()).isTrue();
              }
              return total;
            });
    assertThat(sum).isEqualTo(999);
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aFailureIsThrownByAwait() throws Exception {
    var fail = runtime.function("fail", Void.class, String.class, int.class).call("no luck", 0);
    Verticles.on(
        context(ThreadingModel.VIRTUAL_THREAD),
        () -> {
          assertThatThrownBy(fail.as(VertxBridge.future())::await).hasMessage("no luck");
          return null;
        });
  }

  /** While one handler of a context waits for a result, the result can still be delivered. */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aHandlerMayAwaitAnotherCallOfItsContext() throws Exception {
    ContextInternal context = context(ThreadingModel.VIRTUAL_THREAD);
    List<CompletableFuture<Long>> results = new ArrayList<>();
    for (long i = 0; i < 100; i++) {
      CompletableFuture<Long> result = new CompletableFuture<>();
      results.add(result);
      add.call(i, 1L)
          .as(VertxBridge.future(context))
          .map(sum -> yieldTimes.call(sum).as(VertxBridge.future()).await())
          .onComplete((sum, error) -> result.complete(sum));
    }
    for (int i = 0; i < results.size(); i++) {
      assertThat(results.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i + 1L);
    }
  }

  /**
   * A thread whose wait timed out runs on beside the context's other tasks, and starts calls at the
   * same time as they do.
   */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void aThreadThatGaveUpWaitingDisturbsNoOtherCall() throws Exception {
    ContextInternal context = context(ThreadingModel.VIRTUAL_THREAD);
    CompletableFuture<List<Future<Long>>> strays = new CompletableFuture<>();
    context.runOnContext(
        event -> {
          try {
            Promise.promise().future().await(1, TimeUnit.MILLISECONDS);
          } catch (TimeoutException e) {
            strays.complete(callMany(context));
          }
        });
    List<Future<Long>> futures = new ArrayList<>();
    while (!strays.isDone()) {
      futures.addAll(Verticles.on(context, () -> callMany(context)));
    }
    futures.addAll(strays.get());
    for (int i = 0; i < futures.size(); i++) {
      assertThat(Verticles.settled(futures.get(i))).isEqualTo(i % 2_000 + 1L);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  private List<Future<Long>> callMany(ContextInternal context) {
    List<Future<Long>> futures = new ArrayList<>();
    for (long i = 0; i < 2_000; i++) {
      futures.add(add.call(i, 1L).as(VertxBridge.future(context)));
    }
    return futures;
  }

  @Test
  @EnabledForJreRange(min = JRE.JAVA_21)
  void undeployEndsAnAwait() {
    Verticles.Deployed verticle = Verticles.deploy(vertx, ThreadingModel.VIRTUAL_THREAD);
    CompletableFuture<Throwable> thrown = new CompletableFuture<>();
    verticle
        .context()
        .runOnContext(
            event -> {
              try {
                never.as(VertxBridge.future()).await();
              } catch (Throwable e) {
                thrown.complete(e);
              }
            });
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().liveTasks() == 1);
    verticle.undeploy();
    assertThat(thrown).succeedsWithin(Builtin.PATIENCE).isInstanceOf(CancellationException.class);
    Builtin.awaitNothingLeft(runtime);
  }
}
