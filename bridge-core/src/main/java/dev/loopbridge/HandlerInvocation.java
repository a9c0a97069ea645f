package dev.loopbridge;

import dev.loopbridge.spi.HandlerAnswer;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One invocation of a {@link JavaHandler}: what Rust has requested, and the answer of the body.
 *
 * @param <R> the answer
 */
final class HandlerInvocation<R> extends Invocation implements HandlerAnswer<R> {

  private static final VarHandle PARKED;

  static {
    try {
      PARKED =
          MethodHandles.lookup().findVarHandle(HandlerInvocation.class, "parked", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Stands for an answer that is null while that is parked. */
  private static final Object NO_VALUE = new Object();

  private final Handlers handlers;
  private final PassedHandler<R> passed;

  /** The answer, unless it is an error. Written by the thread that answers, before the step. */
  private @Nullable Object value;

  /**
   * The value or the error of an answer for which its thread had no stack, until the loop gives it;
   * null if there is none.
   */
  private volatile @Nullable Object parked;

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
    try {
      StackRoom.require();
    } catch (StackOverflowError e) {
      parked = value == null ? NO_VALUE : value; // here, since a write needs no stack
      handlers.parked = true;
      return park();
    }
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
    try {
      StackRoom.require();
    } catch (StackOverflowError e) {
      parked = e; // not the call, since a copy of its arguments needs stack
      handlers.parked = true;
      return park();
    }
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
    Throwable cause = error;
    if (cause == null) {
      cause = new NullPointerException(passed + " failed with no error");
    }
    try {
      StackRoom.require();
    } catch (StackOverflowError e) {
      parked = cause;
      handlers.parked = true;
      return park();
    }
    if (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause(); // the error of the body's own stage
    }
    if (!end(SETTLED)) {
      return false;
    }
    this.error = cause;
    handlers.steps.run(this);
    return true;
  }

  /**
   * Leaves the parked answer to a turn of the loop. An error instead would be lost with a caller
   * that keeps it to itself, as a stage does with what its actions throw.
   */
  private boolean park() {
    if (state() == PENDING) {
      return handlers.port.nativeHalf.requestWake();
    }
    ReferenceCountUtil.safeRelease(PARKED.getAndSet(this, null)); // it comes too late
    return false;
  }

  @Override
  void unpark() {
    Object answer = PARKED.getAndSet(this, null); // the thread that parked it may release it now
    if (answer == null) {
      return;
    }
    if (answer instanceof Throwable failed) {
      error(failed);
    } else {
      @SuppressWarnings("unchecked") // value() has parked it
      R given = answer == NO_VALUE ? null : (R) answer;
      value(given);
    }
  }

  @Override
  public boolean isSettled() {
    return state() != PENDING || parked != null;
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
    boolean ended = end(CANCELLED);
    unpark(); // releases the value, which comes too late
    if (ended && cancellation != null) {
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
