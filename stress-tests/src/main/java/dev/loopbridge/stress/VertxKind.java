package dev.loopbridge.stress;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.vertx.ContextLoops;
import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.atomic.AtomicReference;

/** The kinds of a verticle's context, in a Vert.x of its own that ends with the context. */
abstract class VertxKind implements LoopKind {

  private final ThreadingModel model;

  VertxKind(ThreadingModel model) {
    this.model = model;
  }

  /** An event-loop context. */
  public static final class EventLoop extends VertxKind {

    public EventLoop() {
      super(ThreadingModel.EVENT_LOOP);
    }

    @Override
    public String name() {
      return "vertx";
    }
  }

  /** A worker context. */
  public static final class Worker extends VertxKind {

    public Worker() {
      super(ThreadingModel.WORKER);
    }

    @Override
    public String name() {
      return "vertx-worker";
    }
  }

  /** A virtual-thread context. */
  public static final class VirtualThread extends VertxKind {

    public VirtualThread() {
      super(ThreadingModel.VIRTUAL_THREAD);
    }

    @Override
    public String name() {
      return "vertx-virtual";
    }

    @Override
    public String unavailable() {
      return Runtime.version().feature() < 21 ? "needs JDK 21" : "";
    }
  }

  @Override
  public Started start() throws Exception {
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(4)
                .setUseDaemonThread(true));
    AtomicReference<Context> deployed = new AtomicReference<>();
    vertx
        .deployVerticle(
            () ->
                context -> {
                  deployed.set(context);
                  return Future.succeededFuture();
                },
            new DeploymentOptions().setThreadingModel(model))
        .toCompletionStage()
        .toCompletableFuture()
        .get();
    Context context = deployed.get();
    OwnerLoop loop = ContextLoops.of(context);
    return new OnContext() {
      @Override
      public OwnerLoop loop() {
        return loop;
      }

      @Override
      public Context context() {
        return context;
      }

      @Override
      public void end() {
        vertx.close();
      }
    };
  }
}
