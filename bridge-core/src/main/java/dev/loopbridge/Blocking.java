package dev.loopbridge;

import dev.loopbridge.spi.LoopFinder;
import org.jspecify.annotations.Nullable;

/**
 * Refuses to wait on a loop (contract 6). It is for code that waits by means of its own: where a
 * future of the JDK cannot refuse, and in types of future that adapters make. Any thread.
 *
 * <pre>{@code
 * Blocking.refuseOnLoop("loadAll()", null);
 * CompletableFuture.allOf(first.toFuture(), second.toFuture()).join();
 * }</pre>
 */
public final class Blocking {

  private Blocking() {}

  /**
   * Returns whether the caller is on a loop whose tasks must not wait: one of Netty's, or of a kind
   * that a {@link LoopFinder} knows.
   */
  public static boolean isOnLoop() {
    return LoopFinders.unblockable() != null;
  }

  /**
   * Throws if the caller is on an event loop.
   *
   * @param what the call that would block, for the message
   * @param owner the loop that the caller would wait for, which may be of any kind, or null
   * @throws BlockingOnLoopException if the caller keeps that loop from its tasks, or is on another
   *     loop whose tasks must not wait, naming the loop
   */
  public static void refuseOnLoop(String what, @Nullable OwnerLoop owner) {
    OwnerLoop loop = owner != null && owner.isHeldByCaller() ? owner : LoopFinders.unblockable();
    if (loop != null) {
      throw new BlockingOnLoopException(
          what
              + " would block "
              + loop
              + " on thread "
              + Thread.currentThread().getName()
              + "; compose the future instead, or wait on a thread that is no event loop");
    }
  }
}
