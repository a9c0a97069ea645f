package dev.loopbridge;

import dev.loopbridge.spi.HandlerAnswer;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletionException;

/**
 * One invocation of a {@link JavaHandler}: what Rust has requested, and the answer of the body.
 *
 * @param <R> the answer
 */
final class Invocation<R> extends LoopStep implements HandlerAnswer<R> {

  private final Port port;
  private final JavaHandler<?, R> handler;
  private final ValueType answerType;
  private final long invocation;

  // Written by the thread that answers, read on the owner loop afterwards.
  private Object value;
  private Throwable error;

  // Owner loop only.
  private Runnable cancellation;

  Invocation(Port port, JavaHandler<?, R> handler, ValueType answerType, long invocation) {
    this.port = port;
    this.handler = handler;
    this.answerType = answerType;
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
    port.run(this);
    return true;
  }

  @Override
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
    port.run(this);
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
    port.run(this);
    return true;
  }

  @Override
  public boolean isSettled() {
    return state() != PENDING;
  }

  @Override
  public NativeRuntime runtime() {
    return port.runtime();
  }

  /**
   * Sends Rust the answer; without the stack or memory for that, in a later turn. Owner loop only.
   */
  @Override
  void step() {
    try {
      port.handlers().answer(this, invocation, answerType, value, error);
    } catch (StackOverflowError | OutOfMemoryError e) {
      port.stepLater(this);
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
    port.callbackThrew(thrown);
  }

  /** Cancels the invocation, since Rust has given it up or reads no answer any more. */
  void withdraw() {
    if (end(CANCELLED) && cancellation != null) {
      try {
        cancellation.run();
      } catch (Throwable e) {
        port.callbackThrew(e);
      }
    }
  }

  /** Ends the invocation without running its cancellation; later answers are dropped. */
  void close() {
    end(CANCELLED);
  }

  @Override
  public String toString() {
    return "Invocation(" + handler + ")";
  }
}
