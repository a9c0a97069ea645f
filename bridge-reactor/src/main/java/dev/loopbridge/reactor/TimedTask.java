package dev.loopbridge.reactor;

import java.util.concurrent.RejectedExecutionException;
import reactor.core.Disposable;
import reactor.core.Disposables;

/** A delayed task, or a periodic one at a fixed rate: each run arms the next. */
final class TimedTask implements Runnable, Disposable {

  private static final long ONCE = -1;

  private final Runnable task;
  private final LoopTimer timer;
  private final long periodNanos;
  private final Disposable.Composite[] groups;
  private final Disposable.Swap armed = Disposables.swap();

  // Written before the timer is armed, then by the loop only.
  private long dueNanos;

  private TimedTask(
      Runnable task, LoopTimer timer, long periodNanos, Disposable.Composite[] groups) {
    this.task = task;
    this.timer = timer;
    this.periodNanos = periodNanos;
    this.groups = groups;
  }

  /** A task that runs once; it is disposed with each of the groups. */
  static TimedTask once(Runnable task, LoopTimer timer, Disposable.Composite... groups) {
    return new TimedTask(task, timer, ONCE, groups);
  }

  /** A task that runs until it is disposed, by itself or with one of the groups. */
  static TimedTask periodic(
      Runnable task, LoopTimer timer, long periodNanos, Disposable.Composite... groups) {
    return new TimedTask(task, timer, Math.max(0, periodNanos), groups);
  }

  /**
   * Starts the clock.
   *
   * @throws RejectedExecutionException if one of the groups is disposed, or the loop is gone
   */
  void start(long delayNanos) {
    dueNanos = System.nanoTime() + Math.max(0, delayNanos);
    try {
      for (Disposable.Composite group : groups) {
        if (!group.add(this)) {
          throw new RejectedExecutionException("the Scheduler or its Worker was disposed");
        }
      }
      arm();
    } catch (RuntimeException | Error e) {
      dispose();
      throw e;
    }
  }

  private void arm() {
    armed.replace(timer.after(Math.max(0, dueNanos - System.nanoTime()), this));
  }

  @Override
  public void run() {
    if (isDisposed()) {
      return;
    }
    LoopTask.runGuarded(task);
    if (periodNanos == ONCE) {
      dispose();
    } else if (!isDisposed()) {
      dueNanos += periodNanos;
      try {
        arm();
      } catch (RejectedExecutionException e) {
        dispose(); // the loop is ending, and its periods with it
      }
    }
  }

  @Override
  public void dispose() {
    armed.dispose();
    for (Disposable.Composite group : groups) {
      group.remove(this);
    }
  }

  @Override
  public boolean isDisposed() {
    return armed.isDisposed();
  }
}
