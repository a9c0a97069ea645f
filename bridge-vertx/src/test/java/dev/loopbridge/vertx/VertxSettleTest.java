package dev.loopbridge.vertx;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.SettleContract;
import dev.loopbridge.Watched;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** The settle table for Vert.x futures on each kind of context. */
class VertxSettleTest {

  @Nested
  class OnEventLoop extends Settling {

    OnEventLoop() {
      super(ThreadingModel.EVENT_LOOP);
    }

    /** A loop that Vert.x does not need itself, so that it can end before Vert.x does. */
    @Override
    protected ContextInternal openContext() {
      return ((VertxInternal) vertx)
          .contextBuilder()
          .withEventLoop(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()).next())
          .build();
    }

    @Override
    protected void shutDownLoop(OwnerLoop opened) {
      ((NettyLoop) opened).executor().parent().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    }

    /** The context's handlers run on its event loop, or do not run. */
    @Override
    protected boolean signalsOwnerGone() {
      return false;
    }
  }

  @Nested
  class OnEventLoopThatDrives extends OnEventLoop {

    @Override
    protected boolean loopDriven() {
      return true;
    }
  }

  @Nested
  class OnWorker extends Settling {

    OnWorker() {
      super(ThreadingModel.WORKER);
    }
  }

  @Nested
  @EnabledForJreRange(min = JRE.JAVA_21)
  class OnVirtualThread extends Settling {

    OnVirtualThread() {
      super(ThreadingModel.VIRTUAL_THREAD);
    }
  }

  private abstract static class Settling extends SettleContract {

    private final ThreadingModel model;
    final Vertx vertx = Verticles.vertx();
    private ContextInternal context;

    Settling(ThreadingModel model) {
      this.model = model;
    }

    @AfterEach
    void closeVertx() {
      vertx.close();
    }

    protected ContextInternal openContext() {
      return Verticles.deploy(vertx, model).context();
    }

    @Override
    protected OwnerLoop openLoop() {
      context = openContext();
      return ContextCalls.of(context).loop();
    }

    /** The bridge's loop ends, while the executor under it still runs the handlers. */
    @Override
    protected void shutDownLoop(OwnerLoop opened) {
      ((VertxLoop) opened).end(Promise.promise());
    }

    @Override
    protected <R> Watched<R> observe(NativeCall<R> call, OwnerLoop owner) {
      ContextInternal caller = context.duplicate();
      Watched<R> watched = new Watched<>(new OnContext(caller));
      CancellableFuture<R> started = call.as(VertxBridge.cancellable(caller));
      try {
        started.future().onComplete(watched::settled);
      } catch (RejectedExecutionException e) {
        // Vert.x refuses handlers of a failed future when their context has ended.
      }
      return watched.cancelBy(started::cancel).failureBy(started.future()::cause);
    }
  }
}
