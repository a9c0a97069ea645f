package dev.loopbridge;

import dev.loopbridge.spi.LoopFinder;
import java.util.concurrent.RejectedExecutionException;

/**
 * The single-threaded executor that owns an object: at any time at most one thread runs its tasks,
 * and each task sees what the one before it wrote. The thread may change between tasks, as in a
 * Vert.x worker context.
 *
 * <p>Two instances are equal, by {@code equals} and {@code hashCode}, when they stand for the same
 * executor: a runtime keeps one port for each that is not equal to another, until that loop ends. A
 * class without {@code equals}, of which each call gets an instance, costs a port for each call;
 * when more than 64 instances of such a class have one, that is logged.
 *
 * <p>A call that names no loop, and code that must not wait on a loop, finds a loop of a class that
 * a {@link LoopFinder} knows.
 *
 * <p>All methods may be called on any thread.
 */
public interface OwnerLoop {

  /** Returns whether the caller runs as a task of this loop. */
  boolean inLoop();

  /**
   * Runs {@code task} on the loop, behind what is already queued, never inside this call.
   *
   * @throws RejectedExecutionException if the loop is gone, or its queue is full; the bridge offers
   *     the task again for as long as the loop does not report its termination
   */
  void execute(Runnable task);

  /**
   * Returns whether the loop runs none of its tasks while the caller waits. By default where the
   * caller runs as a task of it.
   */
  default boolean isHeldByCaller() {
    return inLoop();
  }

  /**
   * Returns whether all its tasks run on one thread for as long as it lives, so that Rust futures
   * and objects which must not leave a thread can live there. By default not known, and so no.
   */
  default boolean hasOneThread() {
    return false;
  }

  /**
   * Runs {@code action} once, after the loop ran its last task, on any thread; at once if that has
   * happened already.
   *
   * @return withdraws the action; harmless if it ran
   */
  Runnable onTermination(Runnable action);
}
