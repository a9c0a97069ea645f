package dev.loopbridge;

import dev.loopbridge.spi.HandlerAnswer;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletionException;

/**
 * One invocation of a {@link JavaHandler}: what Rust has requested, and the answer of the body.
 *
 * @param <R> the answer
 */
final class Invocation<R> extends Asked implements HandlerAnswer<R> {

  /** A handler with the types that the function which takes it has in Rust. Immutable. */
  abstract static class Body<R> extends Asked.Held {

    final ValueType function;

    Body(ValueType function) {
      this.function = function;
    }

    @Override
    final Asked ask(Handlers handlers, long invocation) {
      return new Invocation<>(handlers, this, invocation);
    }

    /** Runs the handler; returns what cancels it, or null. Owner loop only. */
    abstract Runnable run(NativeResult argument, HandlerAnswer<R> answer) throws Exception;

    /** Returns the answer as Rust takes it; refuses a value of another type. */
    abstract Object converted(Object value);

    /** Refuses a call whose result is no answer of this handler's. */
    abstract void requireAnswer(Signature call);
  }

  private final Handlers handlers;
  private final Body<R> body;
  private final long invocation;

  // Written by the thread that answers, read on the owner loop afterwards.
  private Object value;
  private Throwable error;

  // Owner loop only.
  private Runnable cancellation;

  Invocation(Handlers handlers, Body<R> body, long invocation) {
    this.handlers = handlers;
    this.body = body;
    this.invocation = invocation;
  }

  @Override
  public boolean value(R value) {
    StackRoom.require();
    if (!end(SETTLED)) {
      ReferenceCountUtil.safeRelease(value);
      return false;
    }
    this.value = value;
    handlers.steps.run(this);
    return true;
  }

  @Override
  public boolean call(Request<? extends R> call) {
    if (call == null) {
      return error(new NullPointerException(body + " handed over no call"));
    }
    StackRoom.require();
    Request<? extends R> held = handlers.port.loop.inLoop() ? call : call.held();
    if (!end(SETTLED)) {
      if (held != call) {
        held.releaseHeld();
      }
      return false;
    }
    this.value = held;
    handlers.steps.run(this);
    return true;
  }

  @Override
  public boolean error(Throwable error) {
    StackRoom.require();
    Throwable cause = error;
    if (cause == null) {
      cause = new NullPointerException(body + " failed with no error");
    } else if (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause(); // the error of the body's own stage
    }
    if (!end(SETTLED)) {
      return false;
    }
    this.error = cause;
    handlers.steps.run(this);
    return true;
  }

  @Override
  public boolean isSettled() {
    return state() != PENDING;
  }

  @Override
  public Runnable carrying(Runnable task) {
    return handlers.port.runtime.carrying(task);
  }

  /**
   * Sends Rust the answer; without the stack or memory for that, in a later turn. Owner loop only.
   */
  @Override
  void step() {
    try {
      handlers.answer(this, invocation, error);
    } catch (StackOverflowError | OutOfMemoryError e) {
      handlers.steps.later(this);
      return;
    }
    Object sent = value;
    value = null;
    if (sent instanceof Request<?> call) {
      call.releaseHeld();
    } else {
      ReferenceCountUtil.safeRelease(sent);
    }
  }

  // Owner loop only.

  @Override
  void begin(NativeResult request) {
    request.isArgumentOf(body.function.argument);
    try {
      cancellation = body.run(request, this);
    } catch (Throwable e) {
      if (!error(e)) {
        handlers.port.log.callbackThrew(e); // the body had answered before it threw
      }
    }
  }

  @Override
  void send(Answers answers) {
    if (value instanceof Request<?> call) {
      call.requireIn(handlers.port.runtime);
      body.requireAnswer(call.signature());
      answers.relay(invocation, call.signature(), call.arguments);
    } else {
      answers.value(invocation, body.function.answer, body.converted(value));
    }
  }

  @Override
  void withdraw() {
    if (end(CANCELLED) && cancellation != null) {
      try {
        cancellation.run();
      } catch (Throwable e) {
        handlers.port.log.callbackThrew(e);
      }
    }
  }

  @Override
  public String toString() {
    return "Invocation(" + body + ")";
  }
}
