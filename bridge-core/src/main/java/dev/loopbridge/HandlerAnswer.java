package dev.loopbridge;

import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletionException;

/**
 * The answer to one invocation of a {@link JavaHandler}. The first value, call or error is the
 * answer, from any thread. A value that comes after it, or after Rust has given the invocation up,
 * is released.
 *
 * @param <R> the answer
 */
public final class HandlerAnswer<R> extends LoopStep {

  private final Port port;
  private final JavaHandler<?, R> handler;
  private final ValueType answerType;
  private final long invocation;

  // Written by the thread that answers, read on the owner loop afterwards.
  private Object value;
  private Throwable error;

  // Owner loop only.
  private Runnable cancellation;

  HandlerAnswer(Port port, JavaHandler<?, R> handler, ValueType answerType, long invocation) {
    this.port = port;
    this.handler = handler;
    this.answerType = answerType;
    this.invocation = invocation;
  }

  /**
   * Answers with a value, of which Rust gets a copy; a {@code ByteBuf} is released then.
   *
   * @return whether this was the answer
   */
  public boolean value(R value) {
    StackRoom.require();
    if (!end(SETTLED)) {
      ReferenceCountUtil.safeRelease(value);
      return false;
    }
    this.value = value;
    port.steps.run(this);
    return true;
  }

  /**
   * Answers with the result of a call. Rust runs the call and uses its result as the answer, which
   * does not pass through Java: the call is not in flight here and has no outcome to settle. If
   * Rust gives the invocation up, it drops the call's future.
   *
   * <p>The call must be of the same runtime and return the type that the handler answers with; else
   * the answer is a {@link WrongRuntimeException} or a {@link SignatureMismatchException}. The
   * arguments are copied, buffers too: they stay the caller's, and on the owner loop they may be
   * released when this returns.
   *
   * @return whether this was the answer
   */
  public boolean call(NativeCall<? extends R> call) {
    if (call == null) {
      return error(new NullPointerException(handler + " handed over no call"));
    }
    StackRoom.require();
    NativeCall<? extends R> held = port.inLoop() ? call : call.held();
    if (!end(SETTLED)) {
      if (held != call) {
        held.releaseHeld();
      }
      return false;
    }
    this.value = held;
    port.steps.run(this);
    return true;
  }

  /**
   * Answers with an error.
   *
   * @return whether this was the answer
   */
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
    port.steps.run(this);
    return true;
  }

  /** Returns whether the invocation was answered or given up. */
  public boolean isSettled() {
    return state() != PENDING;
  }

  /** The runtime of the call that invokes the handler. */
  public NativeRuntime runtime() {
    return ((RuntimePorts) port.runtime()).runtime();
  }

  /**
   * Sends Rust the answer; without the stack or memory for that, in a later turn. Owner loop only.
   */
  @Override
  void step() {
    try {
      port.handlers().answer(this, invocation, answerType, value, error);
    } catch (StackOverflowError | OutOfMemoryError e) {
      port.steps.later(this);
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

  void started(Runnable cancellation) {
    this.cancellation = cancellation;
  }

  /** Logs an exception of a body that had answered before it threw. */
  void threwLate(Throwable thrown) {
    port.state.log.callbackThrew(thrown);
  }

  /** Cancels the invocation, since Rust has given it up or reads no answer any more. */
  void withdraw() {
    if (end(CANCELLED) && cancellation != null) {
      try {
        cancellation.run();
      } catch (Throwable e) {
        port.state.log.callbackThrew(e);
      }
    }
  }

  /** Ends the invocation without running its cancellation; later answers are dropped. */
  void close() {
    end(CANCELLED);
  }

  @Override
  public String toString() {
    return "HandlerAnswer(" + handler + ")";
  }
}
