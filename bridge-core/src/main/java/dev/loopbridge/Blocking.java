package dev.loopbridge;

/**
 * The one rule about waiting: not on a loop. For adapters, whose own types of future can be waited
 * for.
 */
public final class Blocking {

  private Blocking() {}

  /**
   * Throws if the caller is on an event loop.
   *
   * @param what the call that would block, for the message
   * @param owner a loop to look at beside the Netty ones, or null
   * @throws BlockingOnLoopException if it is, naming the loop
   */
  public static void refuseOnLoop(String what, OwnerLoop owner) {
    OwnerLoop loop = owner != null && owner.inLoop() ? owner : NettyLoop.current();
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
