package dev.loopbridge.spi;

import dev.loopbridge.NativeCall;

/**
 * Turns a cold call into the caller's own type of future. An eager adapter starts the call at once,
 * a lazy one when its result is asked for.
 *
 * @param <R> the result of the call
 * @param <T> the future made of it
 */
@FunctionalInterface
public interface CallAdapter<R, T> {

  /** Makes the future; called by {@link NativeCall#as}. */
  T adapt(NativeCall<R> call);
}
