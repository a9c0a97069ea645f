package dev.loopbridge.reactor;

import dev.loopbridge.spi.HandlerAnswer;
import dev.loopbridge.spi.HandlerBody;
import java.util.function.Function;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * The body of a handler that returns a Mono.
 *
 * @param context of the subscriber whose call the handler was passed to; empty if that call is no
 *     Mono
 */
record MonoBody<A, R>(Function<? super A, ? extends Mono<? extends R>> body, ContextView context)
    implements HandlerBody<A, R> {

  MonoBody(Function<? super A, ? extends Mono<? extends R>> body) {
    this(body, Context.empty());
  }

  HandlerBody<A, R> in(ContextView subscriber) {
    return new MonoBody<>(body, subscriber);
  }

  @Override
  public Runnable handle(A argument, HandlerAnswer<R> answer) {
    Mono<? extends R> mono =
        context.isEmpty()
            ? body.apply(argument)
            : Mono.<R>defer(() -> body.apply(argument)).contextWrite(context);
    return mono.subscribe(answer::value, answer::error, () -> answer.value(null))::dispose;
  }
}
