package dev.loopbridge.spi;

import dev.loopbridge.OwnerLoop;

/**
 * A {@link LoopFinder} of loops that run their tasks in contexts: a call settles in the context in
 * which it was started. It is found as a service in the same way, under the name of {@code
 * LoopFinder}, and the same rules hold for its methods.
 */
public interface ContextFinder extends LoopFinder {

  /**
   * Returns the target of a call that the caller is starting, as it is to settle on {@code loop}:
   * in the caller's context if that is a context of this loop, else the target as it is.
   */
  <R> CallTarget<R> inContext(OwnerLoop loop, CallTarget<R> target);
}
