package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notices loops of a class without {@code equals}: where a user makes an instance for each call,
 * each costs its runtime a port. It is logged once for each class. Any thread.
 */
final class UnequalLoops {

  /** More instances of such a class than this are hardly as many executors. */
  static final int MANY = 64;

  private static final Logger LOG = System.getLogger(UnequalLoops.class.getName());

  private final Set<Class<?>> logged = ConcurrentHashMap.newKeySet();

  /** A port was opened for {@code loop}, one of {@code all} that have one. */
  void bound(OwnerLoop loop, Collection<OwnerLoop> all) {
    Class<?> type = loop.getClass();
    if (all.size() <= MANY || logged.contains(type) || hasEquals(type)) {
      return;
    }
    long same = all.stream().filter(other -> other.getClass() == type).count();
    if (same > MANY && logged.add(type)) {
      LOG.log(
          Level.WARNING,
          "{0} instances of {1} have a port of their own each, since that class has no equals; let"
              + " those that stand for one executor be equal, or keep one instance for each executor",
          same,
          type.getName());
    }
  }

  private static boolean hasEquals(Class<?> type) {
    try {
      return type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e); // every class has one
    }
  }
}
