package dev.loopbridge.reactor;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.LoopFinder;

/**
 * Makes the loops of {@link ReactorBridge#loop} known to calls of every kind, found as a service:
 * in their own tasks and, for a Scheduler that reports one thread, in all its tasks.
 */
public final class SchedulerLoopFinder implements LoopFinder {

  /** For the {@link java.util.ServiceLoader}. */
  public SchedulerLoopFinder() {}

  @Override
  public OwnerLoop current() {
    SchedulerLoop running = LoopThread.current();
    return running != null ? running : LoopThread.owner();
  }
}
