package dev.loopbridge.spi;

import dev.loopbridge.JavaHandler;

/**
 * The code that a {@link JavaHandler} runs when Rust invokes it.
 *
 * @param <A> the argument
 * @param <R> the answer
 */
@FunctionalInterface
public interface HandlerBody<A, R> {

  /**
   * Begins one invocation, on the owner loop.
   *
   * @param argument the argument, owned by the body; null for {@code ()} and {@code None}
   * @param answer where the answer goes, now or later; what is thrown is the answer too
   * @return what cancels it, run on the owner loop if Rust gives the invocation up; null if nothing
   *     does
   */
  Runnable handle(A argument, HandlerAnswer<R> answer) throws Exception;
}
