package dev.loopbridge;

import dev.loopbridge.spi.HandlerBody;

/**
 * A handler as one call passed it, with the types that its function has in Rust.
 *
 * @param handler for messages
 */
record PassedHandler<A, R>(
    Object handler,
    Class<A> argumentClass,
    HandlerBody<? super A, R> body,
    Signature argument,
    ValueType answer)
    implements Invocable {

  @Override
  public Invocation invocation(Handlers handlers, long number) {
    return new HandlerInvocation<>(handlers, this, number);
  }
}
