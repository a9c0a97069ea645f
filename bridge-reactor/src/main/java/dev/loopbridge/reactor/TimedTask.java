package dev.loopbridge.reactor;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/** A delayed task, or a periodic one at a fixed rate, on its way through a {@link LoopClock}. */
final class TimedTask implements Runnable, Disposable, Comparable<TimedTask> {

  private static final long ONCE = -1;

  /** Some 146 years: the difference of two due times must fit into a long. */
  private static final long LONGEST_NANOS = Long.MAX_VALUE >> 1;

  private final LoopClock clock;
  private final long periodNanos;
  private final Disposable.Composite[] groups;

  /** The task; null when disposed, so that nothing is kept alive by a task that will not run. */
  private volatile @Nullable Runnable task;

  /** The time of its next run, by {@link System#nanoTime}; changes only while no clock keeps it. */
  long dueNanos;

  /** The order of tasks that are due at the same time; negative before the clock keeps the task. */
  long arrival = -1;

  private TimedTask(
      Runnable task, LoopClock clock, long periodNanos, Disposable.Composite[] groups) {
    this.task = task;
    this.clock = clock;
    this.periodNanos = periodNanos;
    this.groups = groups;
  }

  /** A task that runs once; it is disposed with each of the groups. */
  static TimedTask once(Runnable task, LoopClock clock, Disposable.Composite... groups) {
    return new TimedTask(task, clock, ONCE, groups);
  }

  /** A task that runs until it is disposed, by itself or with one of the groups. */
  static TimedTask periodic(
      Runnable task, LoopClock clock, long periodNanos, Disposable.Composite... groups) {
    return new TimedTask(task, clock, Math.max(0, periodNanos), groups);
  }

  /**
   * Starts the clock.
   *
   * @throws RejectedExecutionException if one of the groups is disposed, or the loop is gone
   */
  void start(long delayNanos) {
    dueNanos = System.nanoTime() + Math.min(Math.max(0, delayNanos), LONGEST_NANOS);
    try {
      for (Disposable.Composite group : groups) {
        if (!group.add(this)) {
          throw new RejectedExecutionException("the Scheduler or its Worker was disposed");
        }
      }
      clock.add(this);
    } catch (RuntimeException | Error e) {
      dispose();
      throw e;
    }
  }

  @Override
  public void run() {
    Runnable due = task;
    if (due == null) {
      return;
    }
    LoopTask.runGuarded(due);
    if (periodNanos == ONCE) {
      dispose();
    } else if (!isDisposed()) {
      dueNanos += Math.min(periodNanos, LONGEST_NANOS);
      try {
        clock.add(this);
      } catch (RejectedExecutionException e) {
        dispose(); // the loop is ending, and its periods with it
      }
    }
  }

  @Override
  public void dispose() {
    task = null;
    clock.remove(this);
    for (Disposable.Composite group : groups) {
      group.remove(this);
    }
  }

  @Override
  public boolean isDisposed() {
    return task == null;
  }

  @Override
  public int compareTo(TimedTask other) {
    long earlier = dueNanos - other.dueNanos;
    return earlier != 0 ? Long.signum(earlier) : Long.compare(arrival, other.arrival);
  }
}
