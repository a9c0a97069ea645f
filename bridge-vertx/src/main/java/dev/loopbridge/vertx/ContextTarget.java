package dev.loopbridge.vertx;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerBody;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.RejectedExecutionException;

/**
 * The target of a call that was started on a context and is no Vert.x future: it settles in that
 * context, on {@code loop}, which is the context's.
 */
record ContextTarget<R>(CallTarget<R> target, ContextInternal context, OwnerLoop loop)
    implements CallTarget<R> {

  @Override
  public <A, B> HandlerBody<A, B> handlerBody(HandlerBody<A, B> body) {
    return ContextBody.of(target.handlerBody(body), context);
  }

  @Override
  public void value(R value) {
    dispatch(() -> target.value(value));
  }

  @Override
  public void error(Throwable error) {
    dispatch(() -> target.error(error));
  }

  @Override
  public void lateValue(R value) {
    dispatch(() -> target.lateValue(value));
  }

  @Override
  public void lateError(Throwable error) {
    dispatch(() -> target.lateError(error));
  }

  private void dispatch(Runnable settling) {
    if (!loop.inLoop()) {
      settling.run(); // the loop is gone
    } else if (context.threadingModel() == ThreadingModel.VIRTUAL_THREAD) {
      inTurn(settling);
    } else {
      ContextInternal before = context.beginDispatch();
      try {
        settling.run();
      } finally {
        context.endDispatch(before);
      }
    }
  }

  /** Settles in a task of its own: code that awaits suspends its task, which must be no drain. */
  private void inTurn(Runnable settling) {
    try {
      context.executor().execute(() -> context.emit(none -> settling.run()));
    } catch (RejectedExecutionException e) {
      settling.run();
    }
  }
}
