package dev.loopbridge;

import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletionException;

/**
 * Where one invocation of a {@link JavaHandler} is answered: once, by whoever is first, on any
 * thread. What comes after that, or after Rust has given the invocation up, is released.
 *
 * @param <R> the answer
 */
public final class HandlerAnswer<R> extends LoopStep {

  private final Port port;
  private final JavaHandler<?, R> handler;
  private final ValueType answerType;
  private final long invocation;

  // Written by whoever answers, read on the owner loop afterwards.
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
   * Answers with a value, which Rust gets a copy of: a {@code ByteBuf} is released.
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
    port.run(this);
    return true;
  }

  /**
   * Answers with what a call yields, which Rust hands to whoever asked without another word to
   * Java: it is not in flight here, and has no outcome to settle. If Rust gives the invocation up,
   * it drops the call's future.
   *
   * <p>The call must be of the same runtime and return what the handler answers with, else the
   * answer is the typed exception that says so. Its arguments are copied, buffers too: they stay
   * the caller's, and on the owner loop they may be released when this returns.
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
    port.run(this);
    return true;
  }

  /**
   * Answers with an error.
   *
   * @return whether this was the answer
   */
  public boolean error(Throwable error) {
    StackRoom.require();
    Throwable told = error;
    if (told == null) {
      told = new NullPointerException(handler + " failed with no error");
    } else if (told instanceof CompletionException && told.getCause() != null) {
      told = told.getCause(); // what the body's own stage failed with
    }
    if (!end(SETTLED)) {
      return false;
    }
    this.error = told;
    port.run(this);
    return true;
  }

  /** Whether it was answered or given up. */
  public boolean isSettled() {
    return state() != PENDING;
  }

  /** The runtime that asks. */
  public NativeRuntime runtime() {
    return port.runtime();
  }

  /** Tells Rust; without the stack or memory for it, in a turn of its own. Owner loop only. */
  @Override
  void step() {
    try {
      port.handlers().answer(this, invocation, answerType, value, error);
    } catch (StackOverflowError | OutOfMemoryError e) {
      port.stepLater(this);
      return;
    }
    Object told = value;
    value = null;
    if (told instanceof NativeCall<?> call) {
      call.releaseHeld();
    } else {
      ReferenceCountUtil.safeRelease(told);
    }
  }

  // Owner loop only.

  void started(Runnable cancellation) {
    this.cancellation = cancellation;
  }

  /** The body answered before it threw. */
  void threwLate(Throwable thrown) {
    port.callbackThrew(thrown);
  }

  /** Rust has given the invocation up, or will not hear of it any more. */
  void withdraw() {
    if (end(CANCELLED) && cancellation != null) {
      try {
        cancellation.run();
      } catch (Throwable e) {
        port.callbackThrew(e);
      }
    }
  }

  /** No answer of this one will be told. */
  void close() {
    end(CANCELLED);
  }

  @Override
  public String toString() {
    return "HandlerAnswer(" + handler + ")";
  }
}
