package dev.loopbridge;

import dev.loopbridge.spi.HandlerAnswer;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One invocation of a {@link JavaHandler}: what Rust has requested, and the answer of the body.
 *
 * @param <R> the answer
 */
final class HandlerInvocation<R> extends Invocation implements HandlerAnswer<R> {

  private final Handlers handlers;
  private final PassedHandler<R> passed;

  /** The answer, unless it is an error. Written by the thread that answers, before the step. */
  private @Nullable Object value;

  // Owner loop only.
  private @Nullable Runnable cancellation;

  HandlerInvocation(Handlers handlers, PassedHandler<R> passed, long number) {
    super(number);
    this.handlers = handlers;
    this.passed = passed;
  }

  @Override
  void begin(NativeResult request) {
    request.isArgumentOf(passed.function.argument());
    try {
      started(passed.run(request, this));
    } catch (Throwable e) {
      if (!error(e)) {
        handlers.port.log.callbackThrew(e); // the body had answered before it threw
      }
    }
  }

  /** Takes what cancels the invocation; null if nothing does. Owner loop only. */
  void started(@Nullable Runnable cancels) {
    cancellation = cancels;
  }

  @Override
  public boolean value(@Nullable R value) {
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
      return error(new NullPointerException(passed + " handed over no call"));
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
      cause = new NullPointerException(passed + " failed with no error");
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
      handlers.answer(this);
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

  @Override
  void sendValue(Answers answers) {
    if (value instanceof Request<?> call) {
      call.requireIn(handlers.port.runtime);
      passed.requireAnswer(call.signature());
      answers.relay(number, call.signature(), call.arguments);
    } else {
      answers.value(number, passed.function.answer(), passed.converted(value));
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
    return "HandlerInvocation(" + passed + ")";
  }
}
