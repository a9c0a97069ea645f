package dev.loopbridge.reactor;

import dev.loopbridge.OwnerLoop;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A Scheduler over an owner loop, which belongs to other code and is never shut down here.
 *
 * <p>{@link Schedulers#fromExecutorService} over a Netty loop would not do: it runs no task inline
 * on the loop, delayed tasks of a loop that is late run in another order than they are due, to
 * dispose it shuts the executor down, and a loop without a timer has no delays at all.
 */
final class OwnerLoopScheduler implements Scheduler, Scannable {

  /** The number of inline tasks that may be inside one another; Netty bounds listeners alike. */
  static final int NESTED_TASKS = 8;

  private static final Disposable DONE = Disposables.disposed();

  private final OwnerLoop loop;
  private final LoopClock clock;
  private final Disposable.Composite timed = Disposables.composite();

  // Owner loop only.
  private int nested;

  OwnerLoopScheduler(OwnerLoop loop) {
    this.loop = loop;
    this.clock = new LoopClock(loop);
  }

  OwnerLoop loop() {
    return loop;
  }

  @Override
  public Disposable schedule(Runnable task) {
    Objects.requireNonNull(task, "task");
    if (isDisposed()) {
      throw Exceptions.failWithRejected();
    }
    if (loop.inLoop() && tryRunInline(task)) {
      return DONE;
    }
    LoopTask queued = new LoopTask(Schedulers.onSchedule(task), this);
    execute(queued);
    return queued;
  }

  /**
   * Runs the task at once, unless too many are nested already. Owner loop only. Schedule hooks,
   * which carry context from thread to thread, are not run: the task stays on its thread.
   */
  boolean tryRunInline(Runnable task) {
    if (nested == NESTED_TASKS) {
      return false;
    }
    nested++;
    try {
      LoopTask.runGuarded(task);
    } finally {
      nested--;
    }
    return true;
  }

  /** Puts a task of this Scheduler behind what the loop has queued. */
  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      throw Exceptions.failWithRejected(e);
    }
  }

  @Override
  public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
    return delay <= 0 ? schedule(task) : scheduleOnce(task, delay, unit);
  }

  @Override
  public Disposable schedulePeriodically(
      Runnable task, long initialDelay, long period, TimeUnit unit) {
    return schedulePeriodically(task, initialDelay, period, unit, new Disposable.Composite[0]);
  }

  /** A delayed task that is disposed with this Scheduler, and with its Worker if it has one. */
  Disposable scheduleOnce(
      Runnable task, long delay, TimeUnit unit, Disposable.Composite... worker) {
    Objects.requireNonNull(task, "task");
    return started(
        TimedTask.once(Schedulers.onSchedule(task), clock, groups(worker)), unit.toNanos(delay));
  }

  /** A periodic task that is disposed with this Scheduler, and with its Worker if it has one. */
  Disposable schedulePeriodically(
      Runnable task,
      long initialDelay,
      long period,
      TimeUnit unit,
      Disposable.Composite... worker) {
    Objects.requireNonNull(task, "task");
    return started(
        TimedTask.periodic(
            Schedulers.onSchedule(task), clock, unit.toNanos(period), groups(worker)),
        unit.toNanos(initialDelay));
  }

  private Disposable.Composite[] groups(Disposable.Composite... worker) {
    return worker.length == 0
        ? new Disposable.Composite[] {timed}
        : new Disposable.Composite[] {timed, worker[0]};
  }

  private static Disposable started(TimedTask task, long delayNanos) {
    try {
      task.start(delayNanos);
    } catch (RejectedExecutionException e) {
      throw Exceptions.failWithRejected(e);
    }
    return task;
  }

  @Override
  public Worker createWorker() {
    return new LoopWorker(this);
  }

  @Override
  public void init() {
    if (isDisposed()) {
      throw new IllegalStateException(
          this + " is disposed; ReactorBridge.scheduler(loop) makes another");
    }
  }

  /** Cancels the tasks scheduled through this Scheduler and refuses more; the loop lives on. */
  @Override
  public void dispose() {
    timed.dispose();
    clock.close();
  }

  @Override
  public boolean isDisposed() {
    return timed.isDisposed();
  }

  @Override
  @SuppressWarnings("rawtypes") // as Scannable declares it
  public @Nullable Object scanUnsafe(Attr key) {
    if (key == Attr.TERMINATED || key == Attr.CANCELLED) {
      return isDisposed();
    }
    if (key == Attr.CAPACITY) {
      return 1;
    }
    if (key == Attr.NAME) {
      return toString();
    }
    return null;
  }

  @Override
  public String toString() {
    return "ReactorBridge.scheduler(" + loop + ")";
  }
}
