package dev.loopbridge;

import org.jspecify.annotations.Nullable;

/**
 * What Rust is asked to run: a function and its arguments. Users have {@link NativeCall}, which is
 * the only kind; what starts and answers calls knows no more of them than this.
 *
 * @param <R> the result
 */
public abstract class Request<R> {

  final @Nullable Object[] arguments;

  Request(@Nullable Object[] arguments) {
    this.arguments = arguments;
  }

  abstract Signature signature();

  /**
   * This request with references of its own to its buffers and objects, for the way to the loop.
   */
  abstract Request<R> held();

  /** Gives back what {@link #held} took. */
  abstract void releaseHeld();

  /** Refuses to run in another runtime than that which the function was looked up in. */
  abstract void requireIn(RuntimeSide runtime);

  /** Makes the result of an outcome that is a value. */
  abstract @Nullable R value(NativeResult result);
}
