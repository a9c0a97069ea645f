package dev.loopbridge;

import dev.loopbridge.spi.HandlerAnswer;
import org.jspecify.annotations.Nullable;

/**
 * A handler as one call passed it, with the types that its function has in Rust. Immutable.
 *
 * @param <R> the answer
 */
abstract class PassedHandler<R> implements Invocable {

  final ValueType function;

  PassedHandler(ValueType function) {
    this.function = function;
  }

  @Override
  public final void describe(NativeResult request) {
    request.isArgumentOf(function.argument());
  }

  @Override
  public final Invocation invocation(Handlers handlers, long number) {
    return new HandlerInvocation<>(handlers, this, number);
  }

  /** Runs the body; returns what cancels the invocation, or null. Owner loop only. */
  abstract @Nullable Runnable run(NativeResult argument, HandlerAnswer<R> answer) throws Exception;

  /** Returns the answer as Rust takes it; refuses a value of another type. */
  abstract @Nullable Object converted(@Nullable Object value);

  /** Refuses a call whose result is no answer of this handler's. */
  abstract void requireAnswer(Signature call);
}
