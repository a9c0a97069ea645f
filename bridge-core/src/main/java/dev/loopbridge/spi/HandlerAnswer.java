package dev.loopbridge.spi;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.Request;
import dev.loopbridge.SignatureMismatchException;
import dev.loopbridge.WrongRuntimeException;

/**
 * Takes the answer to one invocation of a {@link JavaHandler}. The first value, call or error is
 * the answer, from any thread. A value that comes after it, or after Rust has given the invocation
 * up, is released. The bridge alone implements it.
 *
 * <pre>{@code
 * JavaHandler.answering(Long.class, String.class, (id, answer) -> {
 *   Request request = names.find(id, answer::value, answer::error);
 *   return request::abort;
 * });
 * }</pre>
 *
 * @param <R> the answer
 */
public interface HandlerAnswer<R> {

  /**
   * Answers with a value, of which Rust gets a copy; a {@code ByteBuf} is released then.
   *
   * @return whether this was the answer
   */
  boolean value(R value);

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
  boolean call(Request<? extends R> call);

  /**
   * Answers with an error.
   *
   * @return whether this was the answer
   */
  boolean error(Throwable error);

  /** Returns whether the invocation was answered or given up. */
  boolean isSettled();

  /**
   * Returns the task, to be run in the context that the caller is in now, as {@link
   * dev.loopbridge.NativeRuntime#carrying} of the call's runtime does: for a body that runs in a
   * task of its own.
   */
  Runnable carrying(Runnable task);
}
