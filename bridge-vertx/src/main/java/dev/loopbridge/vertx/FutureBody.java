package dev.loopbridge.vertx;

import dev.loopbridge.spi.HandlerAnswer;
import dev.loopbridge.spi.HandlerBody;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Function;

/** The body of a handler that returns a Vert.x future, and the context it runs on. */
record FutureBody<A, R>(
    Function<? super A, ? extends Future<? extends R>> body, ContextInternal context)
    implements HandlerBody<A, R> {

  /** A handler that a verticle made for all its requests runs with the locals of each. */
  HandlerBody<A, R> passedOn(ContextInternal caller) {
    return caller.unwrap() == context ? new FutureBody<>(body, caller) : this;
  }

  @Override
  public Runnable handle(A argument, HandlerAnswer<R> answer) {
    Runnable begin = answer.carrying(() -> begin(argument, answer));
    if (context.threadingModel() == ThreadingModel.VIRTUAL_THREAD) {
      // A body that awaits suspends the task it runs in, which must not be a drain.
      context.executor().execute(() -> context.emit(none -> begin.run()));
    } else {
      context.emit(none -> begin.run());
    }
    return null;
  }

  private void begin(A argument, HandlerAnswer<R> answer) {
    try {
      body.apply(argument)
          .onComplete(
              (value, error) -> {
                if (error != null) {
                  answer.error(error);
                } else {
                  answer.value(value);
                }
              });
    } catch (Throwable e) {
      answer.error(e);
    }
  }
}
