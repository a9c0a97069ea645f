package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.LoopFinder;
import java.util.Arrays;

/** All that know loops: Netty's own rule first, then the services. Any thread. */
final class LoopFinders {

  private static final LoopFinder[] SERVICES =
      Services.of(LoopFinder.class, "its loops are not known").toArray(LoopFinder[]::new);

  /** Each start of a call asks these: most JVMs have none or one, a call site of one kind. */
  private static final LoopFinder[] WITH_CONTEXTS = withContexts();

  private LoopFinders() {}

  private static LoopFinder[] withContexts() {
    return Arrays.stream(SERVICES).filter(LoopFinder::hasContexts).toArray(LoopFinder[]::new);
  }

  /** The loop that the caller is on, or null. */
  static OwnerLoop current() {
    NettyLoop netty = NettyLoop.current();
    if (netty != null) {
      return netty;
    }
    for (LoopFinder finder : SERVICES) {
      OwnerLoop found = finder.current();
      if (found != null) {
        return found;
      }
    }
    return ForeignNettyLoop.current();
  }

  /** The loop that must not be kept waiting and would be if the caller waited, or null. */
  static OwnerLoop unblockable() {
    NettyLoop netty = NettyLoop.current();
    if (netty != null) {
      return netty;
    }
    for (LoopFinder finder : SERVICES) {
      OwnerLoop found = finder.mayBlock() ? null : finder.current();
      if (found != null && found.isHeldByCaller()) {
        return found;
      }
    }
    return ForeignNettyLoop.current();
  }

  /** The target as it is to settle on {@code loop}, in the context the caller is in. */
  static <R> CallTarget<R> inContext(OwnerLoop loop, CallTarget<R> target) {
    CallTarget<R> placed = target;
    for (LoopFinder finder : WITH_CONTEXTS) {
      placed = finder.inContext(loop, placed);
    }
    return placed;
  }
}
