package dev.loopbridge;

import dev.loopbridge.spi.LoopFinder;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All that know loops: Netty's own rule first, then the services. Any thread. */
final class LoopFinders {

  private static final LoopFinder[] SERVICES =
      Services.of(LoopFinder.class, "its loops are not known").toArray(LoopFinder[]::new);

  private LoopFinders() {}

  /** Returns those of the services that are of a kind. */
  static <F extends LoopFinder> List<F> of(Class<F> kind) {
    return Arrays.stream(SERVICES).filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The loop that the caller is on, or null. */
  static @Nullable OwnerLoop current() {
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
  static @Nullable OwnerLoop unblockable() {
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
}
