package dev.loopbridge.spi;

import dev.loopbridge.Blocking;
import dev.loopbridge.OwnerLoop;

/**
 * Finds the loop on which the caller is. It makes a kind of {@link OwnerLoop} known to calls that
 * name no loop, and to {@link Blocking}. The bridge knows Netty's loops; a finder is for others,
 * those of a user's own executor too.
 *
 * <p>An implementation is a service: it is named in {@code
 * META-INF/services/dev.loopbridge.spi.LoopFinder}, or by {@code provides} in a module, has a
 * public constructor without parameters, and is found by the class loader that has the bridge.
 * There is one instance in a JVM. A jar that packs several modules has to merge these files.
 *
 * <p>All methods are called on any thread, at the start of calls: they are quick, wait for nothing
 * and throw nothing.
 *
 * <pre>{@code
 * public final class GameLoopFinder implements LoopFinder {
 *   public OwnerLoop current() {
 *     return Thread.currentThread() instanceof GameThread thread ? thread.loop() : null;
 *   }
 * }
 * }</pre>
 */
public interface LoopFinder {

  /**
   * The loop whose task, or on whose context, the caller is; null if it is on none of this kind.
   */
  OwnerLoop current();

  /**
   * Returns whether tasks of these loops may wait, as those of a worker may, for anything but the
   * loop they run on. By default not.
   */
  default boolean mayBlock() {
    return false;
  }
}
