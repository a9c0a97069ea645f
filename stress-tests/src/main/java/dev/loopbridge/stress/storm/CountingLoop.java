package dev.loopbridge.stress.storm;

import dev.loopbridge.DrainTasks;
import dev.loopbridge.ForwardingLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A loop that counts the tasks of the loop it forwards to. It may refuse some tasks, as a queue
 * does that is full for a moment, or drop some on purpose.
 */
final class CountingLoop extends ForwardingLoop {

  private final String name;
  private final int refuses;
  private final int forgets;
  private final AtomicLong tasks = new AtomicLong();
  private final AtomicInteger pending = new AtomicInteger();
  private final AtomicInteger mostPending = new AtomicInteger();
  private final AtomicLong drains = new AtomicLong();
  private volatile DrainTasks watched;

  /**
   * Wraps a loop.
   *
   * @param refuses one in this many tasks is refused; 0: none is
   * @param forgets one in this many tasks is dropped; 0: none is
   */
  CountingLoop(OwnerLoop loop, int refuses, int forgets) {
    super(loop);
    name = loop.toString();
    this.refuses = refuses;
    this.forgets = forgets;
  }

  /** Counts the drains of a port of this loop, from the first on. */
  void watch(RawPort port) {
    watched = new DrainTasks(port);
  }

  /** Returns the most drains that were queued at one time. */
  int mostPending() {
    return mostPending.get();
  }

  /** Returns how many drains ran or began to run. */
  long drains() {
    return drains.get();
  }

  @Override
  public void execute(Runnable task) {
    long number = tasks.incrementAndGet();
    if (refuses > 0 && number % refuses == 0) {
      throw new RejectedExecutionException("as planned");
    }
    if (forgets > 0 && number % forgets == 0) {
      return;
    }
    DrainTasks port = watched;
    if (port == null || !port.contains(task)) {
      super.execute(task);
      return;
    }
    mostPending.accumulateAndGet(pending.incrementAndGet(), Math::max);
    try {
      super.execute(
          () -> {
            pending.decrementAndGet();
            drains.incrementAndGet();
            task.run();
          });
    } catch (RuntimeException e) {
      pending.decrementAndGet();
      throw e;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
