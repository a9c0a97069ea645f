package dev.loopbridge.vertx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.Builtin;
import dev.loopbridge.OnLoop;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** Vert.x instances, verticles and contexts for tests. */
final class Verticles {

  private Verticles() {}

  /** A deployed verticle: the contexts of its instances. */
  record Deployed(Vertx vertx, String id, List<ContextInternal> contexts) {

    ContextInternal context() {
      return contexts.get(0);
    }

    void undeploy() {
      settled(vertx.undeploy(id));
    }
  }

  /** The kinds of context that this JVM can run. */
  static Stream<ThreadingModel> kinds() {
    return Runtime.version().feature() < 21
        ? Stream.of(ThreadingModel.EVENT_LOOP, ThreadingModel.WORKER)
        : Stream.of(
            ThreadingModel.EVENT_LOOP, ThreadingModel.WORKER, ThreadingModel.VIRTUAL_THREAD);
  }

  /** The kinds whose executor is no event loop. */
  static Stream<ThreadingModel> kindsWithAnExecutor() {
    return kinds().skip(1);
  }

  /** A Vert.x with one event loop, whose threads let the JVM exit. */
  static Vertx vertx() {
    return vertx(1);
  }

  static Vertx vertx(int eventLoops) {
    return Vertx.vertx(
        new VertxOptions()
            .setEventLoopPoolSize(eventLoops)
            .setWorkerPoolSize(4)
            .setUseDaemonThread(true));
  }

  /** Deploys a verticle that does nothing; tests use its context. */
  static Deployed deploy(Vertx vertx, ThreadingModel model) {
    return deploy(vertx, model, 1);
  }

  static Deployed deploy(Vertx vertx, ThreadingModel model, int instances) {
    List<ContextInternal> contexts = Collections.synchronizedList(new ArrayList<>());
    String id =
        settled(
            vertx.deployVerticle(
                () ->
                    context -> {
                      contexts.add((ContextInternal) context);
                      return Future.succeededFuture();
                    },
                new DeploymentOptions().setThreadingModel(model).setInstances(instances)));
    return new Deployed(vertx, id, contexts);
  }

  /** Waits for a future on a thread that is none of Vert.x's. */
  static <T> T settled(Future<T> future) {
    try {
      return future.await(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("not settled: " + future, e);
    }
  }

  /** Waits for a future to fail; returns its failure. */
  static Throwable failed(Future<?> future) {
    try {
      Object result = settled(future);
      throw new AssertionError("succeeded with " + result);
    } catch (Throwable e) {
      assertThat(future.failed()).isTrue();
      return e;
    }
  }

  /** Runs a task on a context and waits for it. */
  static <T> T on(Context context, Callable<T> task) throws Exception {
    return OnLoop.call(new OnContext((ContextInternal) context), task);
  }
}
