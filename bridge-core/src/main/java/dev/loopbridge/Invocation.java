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

  private final Handlers handlers;
  private final JavaHandler<?, R> handler;
  private final ValueType function;
  private final long invocation;

  // Written by the thread that answers, read on the owner loop afterwards.
  private Object value;
  private Throwable error;

  // Owner loop only.
  private Runnable cancellation;

  Invocation(Handlers handlers, JavaHandler<?, R> handler, ValueType function, long invocation) {
    this.handlers = handlers;
    this.handler = handler;
    this.function = function;
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
  public boolean call(NativeCall<? extends R> call) {
    if (call == null) {
      return error(new NullPointerException(handler + " handed over no call"));
    }
    StackRoom.require();
    NativeCall<? extends R> held = handlers.port.loop.inLoop() ? call : call.held();
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
      cause = new NullPointerException(handler + " failed with no error");
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
  public NativeRuntime runtime() {
    return (NativeRuntime) handlers.port.runtime.owner();
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
    if (sent instanceof NativeCall<?> call) {
      call.releaseHeld();
    } else {
      ReferenceCountUtil.safeRelease(sent);
    }
  }

  // Owner loop only.

  @Override
  void begin(NativeResult request) {
    request.isArgumentOf(function.argument);
    handler.begin(request, this);
  }

  @Override
  void send(Answers answers) {
    ValueType type = function.answer;
    if (value instanceof NativeCall<?> call) {
      call.requireIn(handlers.port.runtime);
      JavaTypes.requireAnswer(type, call.function.signature);
      answers.relay(invocation, call.function.signature, call.arguments);
      return;
    }
    Object answer = JavaTypes.converted(type, value);
    if (!JavaTypes.answers(type, answer)) {
      throw new SignatureMismatchException(
          "a handler answered with "
              + (value == null ? "null" : "a " + value.getClass().getName())
              + ", expected "
              + JavaTypes.namesOf(type));
    }
    answers.value(invocation, type, answer);
  }

  void started(Runnable cancellation) {
    this.cancellation = cancellation;
  }

  /** Logs an exception of a body that had answered before it threw. */
  void threwLate(Throwable thrown) {
    handlers.port.log.callbackThrew(thrown);
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
    return "Invocation(" + handler + ")";
  }
}
