package dev.loopbridge.vertx;

import dev.loopbridge.spi.HandlerAnswer;
import dev.loopbridge.spi.HandlerBody;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;

/** The body of any handler, on the context of the call that it was passed to. */
record ContextBody<A, R>(HandlerBody<A, R> body, ContextInternal context)
    implements HandlerBody<A, R> {

  /** The body of a handler that is passed to a call of {@code context}. */
  static <A, R> HandlerBody<A, R> of(HandlerBody<A, R> body, ContextInternal context) {
    return body instanceof FutureBody<A, R> own
        ? own.passedOn(context)
        : new ContextBody<>(body, context);
  }

  @Override
  public Runnable handle(A argument, HandlerAnswer<R> answer) throws Exception {
    if (context.threadingModel() == ThreadingModel.VIRTUAL_THREAD) {
      return handleInTurn(argument, answer);
    }
    ContextInternal before = context.beginDispatch();
    try {
      Runnable cancellation = body.handle(argument, answer);
      return cancellation == null ? null : () -> cancel(cancellation);
    } finally {
      context.endDispatch(before);
    }
  }

  private void cancel(Runnable cancellation) {
    if (!context.inThread()) {
      cancellation.run(); // the loop is gone
      return;
    }
    ContextInternal before = context.beginDispatch();
    try {
      cancellation.run();
    } finally {
      context.endDispatch(before);
    }
  }

  /**
   * Runs the body in a task of its own: one that awaits suspends its task, which must be no drain.
   */
  private Runnable handleInTurn(A argument, HandlerAnswer<R> answer) {
    Turn turn = new Turn();
    Runnable begin = answer.carrying(() -> turn.begin(body, argument, answer));
    Runnable cancel = answer.carrying(turn::cancel);
    context.executor().execute(() -> context.emit(none -> begin.run()));
    return () -> context.executor().execute(() -> context.emit(none -> cancel.run()));
  }

  /** One invocation in tasks of the context, one at a time. */
  private static final class Turn {

    private Runnable cancellation;
    private boolean cancelled;

    <A, R> void begin(HandlerBody<A, R> body, A argument, HandlerAnswer<R> answer) {
      try {
        cancellation = body.handle(argument, answer);
      } catch (Throwable e) {
        answer.error(e);
      }
      if (cancelled) {
        cancel(); // the invocation was given up while the body awaited
      }
    }

    void cancel() {
      cancelled = true;
      if (cancellation != null) {
        cancellation.run();
      }
    }
  }
}
