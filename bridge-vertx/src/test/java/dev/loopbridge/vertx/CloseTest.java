package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import dev.loopbridge.RuntimeClosedException;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** To undeploy a verticle or to close Vert.x cancels the calls of their contexts. */
class CloseTest extends BridgeTest {

  private static final String KINDS = "dev.loopbridge.vertx.Verticles#kinds";
  private static final String WITH_AN_EXECUTOR =
      "dev.loopbridge.vertx.Verticles#kindsWithAnExecutor";
  private static final int CALLS = 50;

  /** Calls that never end by themselves, on a context and its duplicates, and their outcomes. */
  private final class Pending {

    private final List<Future<Void>> futures = new ArrayList<>();
    private final List<Context> handledOn = Collections.synchronizedList(new ArrayList<>());
    private final List<Context> contexts = new ArrayList<>();

    Pending(ContextInternal context) {
      for (int i = 0; i < CALLS; i++) {
        ContextInternal caller = i % 2 == 0 ? context : context.duplicate();
        contexts.add(caller);
        futures.add(
            never
                .as(VertxBridge.<Void>future(caller))
                .onFailure(error -> handledOn.add(Vertx.currentContext())));
      }
    }

    void assertRunning() {
      assertThat(futures).noneMatch(Future::isComplete);
    }

    void assertCancelled(String because) {
      for (Future<Void> future : futures) {
        assertThat(future.cause())
            .isInstanceOf(CancellationException.class)
            .hasMessageContaining(because);
      }
      assertThat(handledOn).containsExactlyInAnyOrderElementsOf(contexts);
    }
  }

  private void awaitTasks(int tasks) {
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().liveTasks() == tasks);
  }

  private static boolean isHooked(ContextInternal context) {
    // Vert.x cannot be asked whether it has the hook: remove it, and add it again.
    CloseFuture hooks = context.closeFuture();
    ContextCalls calls = ContextCalls.of(context);
    return hooks.remove(calls) && hooks.add(calls);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void undeployCancelsTheVerticlesCallsAndNoOthers(ThreadingModel kind) {
    Verticles.Deployed undeployed = Verticles.deploy(vertx, kind);
    Verticles.Deployed staying = Verticles.deploy(vertx, kind);
    Pending ending = new Pending(undeployed.context());
    Pending going = new Pending(staying.context());
    awaitTasks(2 * CALLS);

    undeployed.undeploy();
    ending.assertCancelled("verticle (" + undeployed.id() + ")");
    awaitTasks(CALLS);
    going.assertRunning();

    staying.undeploy();
    going.assertCancelled(staying.id());
    Builtin.awaitNothingLeft(runtime);
    assertThat(runtime.metrics().cancelsApplied()).isEqualTo(2 * CALLS);
    assertThat(runtime.metrics().ownerGone()).isZero();
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void closeOfVertxCancelsTheCallsOfAllContexts(ThreadingModel kind) {
    Pending ofNoVerticle = new Pending(((VertxInternal) vertx).createContext(kind));
    Pending ofVerticle = new Pending(Verticles.deploy(vertx, kind).context());
    awaitTasks(2 * CALLS);
    Verticles.settled(vertx.close());
    ofNoVerticle.assertCancelled("Vert.x was closed");
    ofVerticle.assertCancelled("undeployed");
    Builtin.awaitNothingLeft(runtime);
    assertThat(runtime.metrics().livePorts()).isZero();
    assertThat(runtime.metrics().ownerGone()).isZero();
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void callsAfterTheCloseAreCancelledAtOnce(ThreadingModel kind) {
    Verticles.Deployed verticle = Verticles.deploy(vertx, kind);
    ContextInternal context = verticle.context();
    assertThat(Verticles.settled(add.call(1L, 2L).as(VertxBridge.future(context)))).isEqualTo(3L);
    long begun = runtime.metrics().submissions();
    verticle.undeploy();
    CancellableFuture<Void> late = never.as(VertxBridge.cancellable(context.duplicate()));
    assertThat(Verticles.failed(late.future())).isInstanceOf(CancellationException.class);
    assertThat(late.cancel()).isFalse();
    assertThat(runtime.metrics().submissions()).isEqualTo(begun);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void callsAfterTheCloseOfAContextThatNeverCalled(ThreadingModel kind) {
    Verticles.Deployed verticle = Verticles.deploy(vertx, kind);
    verticle.undeploy();
    Future<Void> late = never.as(VertxBridge.future(verticle.context()));
    assertThat(Verticles.failed(late)).isInstanceOf(CancellationException.class);
    Builtin.awaitNothingLeft(runtime);
  }

  @ParameterizedTest
  @MethodSource(WITH_AN_EXECUTOR)
  void thePortOfAVerticleGoesWithIt(ThreadingModel kind) {
    Verticles.Deployed verticle = Verticles.deploy(vertx, kind, 2);
    for (ContextInternal context : verticle.contexts()) {
      Verticles.settled(add.call(1L, 2L).as(VertxBridge.future(context)));
    }
    assertThat(runtime.metrics().livePorts()).isEqualTo(2);
    verticle.undeploy();
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().livePorts() == 0);
  }

  @Test
  void aContextIsHookedOnlyWhileItHasCalls() {
    ContextInternal context = ((VertxInternal) vertx).createEventLoopContext();
    assertThat(isHooked(context)).isFalse();
    CancellableFuture<Void> first = never.as(VertxBridge.cancellable(context));
    CancellableFuture<Void> second = never.as(VertxBridge.cancellable(context.duplicate()));
    CancellableFuture<Void> third = never.as(VertxBridge.cancellable(context));
    assertThat(isHooked(context)).isTrue();
    for (CancellableFuture<Void> call : List.of(second, first)) {
      call.cancel();
      assertThat(isHooked(context)).isTrue();
    }
    third.cancel();
    assertThat(isHooked(context)).isFalse();
    Verticles.settled(add.call(1L, 2L).as(VertxBridge.future(context)));
    assertThat(isHooked(context)).isFalse();
  }

  @ParameterizedTest
  @MethodSource(WITH_AN_EXECUTOR)
  void anExecutorIsHookedWhileItHasAPort(ThreadingModel kind) {
    ContextInternal context = ((VertxInternal) vertx).createContext(kind);
    Verticles.settled(add.call(1L, 2L).as(VertxBridge.future(context)));
    assertThat(isHooked(context)).isTrue();
    runtime.close();
    await().atMost(Builtin.PATIENCE).until(() -> !isHooked(context));
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aVerticleThatStopsMayStillCall(ThreadingModel kind) {
    List<Long> results = Collections.synchronizedList(new ArrayList<>());
    VerticleBase verticle =
        new VerticleBase() {
          @Override
          public Future<?> stop() {
            return yieldTimes.call(10L).as(VertxBridge.future()).onSuccess(results::add);
          }
        };
    DeploymentOptions options = new DeploymentOptions().setThreadingModel(kind);
    Verticles.settled(vertx.undeploy(Verticles.settled(vertx.deployVerticle(verticle, options))));
    assertThat(results).containsExactly(10L);
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aVerticleMayCloseTheRuntimeAsItStops(ThreadingModel kind) {
    List<Future<Void>> calls = new ArrayList<>();
    VerticleBase verticle =
        new VerticleBase() {
          @Override
          public Future<?> start() {
            calls.add(never.as(VertxBridge.future()));
            return Future.succeededFuture();
          }

          @Override
          public Future<?> stop() {
            return Future.fromCompletionStage(runtime.closeAsync(Duration.ZERO), context);
          }
        };
    DeploymentOptions options = new DeploymentOptions().setThreadingModel(kind);
    String id = Verticles.settled(vertx.deployVerticle(verticle, options));
    awaitTasks(1);
    Verticles.settled(vertx.undeploy(id));
    assertThat(calls.get(0).cause()).isInstanceOf(RuntimeClosedException.class);
  }

  /** Calls that start while their context closes: each of them settles. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void callsThatRaceWithTheCloseAreCancelled(ThreadingModel kind) throws Exception {
    for (int round = 0; round < 20; round++) {
      Verticles.Deployed verticle = Verticles.deploy(vertx, kind);
      CountDownLatch started = new CountDownLatch(100);
      CompletableFuture<List<Future<Void>>> racing =
          CompletableFuture.supplyAsync(
              () -> {
                List<Future<Void>> futures = new ArrayList<>();
                while (futures.size() < 5_000 && !verticle.context().closeFuture().isClosed()) {
                  futures.add(never.as(VertxBridge.future(verticle.context())));
                  started.countDown();
                }
                futures.add(never.as(VertxBridge.future(verticle.context())));
                return futures;
              },
              task -> new Thread(task, "racing").start());
      started.await();
      verticle.undeploy();
      for (Future<Void> future : racing.get()) {
        assertThat(Verticles.failed(future)).isInstanceOf(CancellationException.class);
      }
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aWorkerThatDoesNotReturnHoldsUpNoClose() {
    ContextInternal context = ((VertxInternal) vertx).createWorkerContext();
    Future<Void> pending = never.as(VertxBridge.future(context));
    awaitTasks(1);
    CountDownLatch never = new CountDownLatch(1);
    context.runOnContext(
        event -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            // When Vert.x closes it interrupts its workers, which ends this task.
          }
        });
    Verticles.settled(vertx.close());
    await().atMost(Builtin.PATIENCE).until(pending::isComplete);
    assertThat(pending.cause()).isInstanceOf(CancellationException.class);
    Builtin.awaitNothingLeft(runtime);
  }
}
