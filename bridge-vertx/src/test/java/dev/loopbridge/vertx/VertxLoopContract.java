package dev.loopbridge.vertx;

import dev.loopbridge.LoopContract;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import java.util.HashMap;
import java.util.Map;

/** The loop contract for a verticle's context, whose loop ends when Vert.x closes. */
abstract class VertxLoopContract extends LoopContract {

  private final ThreadingModel model;
  private final Map<OwnerLoop, ContextInternal> contexts = new HashMap<>();

  VertxLoopContract(ThreadingModel model) {
    this.model = model;
  }

  @Override
  protected OwnerLoop open() {
    Vertx vertx = Verticles.vertx();
    ContextInternal context = Verticles.deploy(vertx, model).context();
    OwnerLoop loop = ContextCalls.of(context).loop();
    contexts.put(loop, context);
    return loop;
  }

  @Override
  protected void shutDown(OwnerLoop opened) {
    contexts.get(opened).owner().close();
  }

  @Override
  protected OwnerLoop again(OwnerLoop opened) {
    ContextInternal context = contexts.get(opened);
    return opened instanceof NettyLoop
        ? NettyLoop.of(context.nettyEventLoop())
        : ContextCalls.of(context.duplicate()).loop();
  }
}
