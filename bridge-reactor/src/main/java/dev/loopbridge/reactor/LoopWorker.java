package dev.loopbridge.reactor;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.concurrent.Queues;

/**
 * A Worker of an {@link OwnerLoopScheduler}. Its tasks run in the order in which they were
 * scheduled. A thread that schedules when none is pending brings a drain that runs them, inline
 * when it is on the loop.
 */
final class LoopWorker implements Scheduler.Worker, Scannable {

  /** The number of tasks that run before the loop's other tasks do. */
  private static final int TASKS_A_TURN = 64;

  private static final AtomicIntegerFieldUpdater<LoopWorker> PENDING =
      AtomicIntegerFieldUpdater.newUpdater(LoopWorker.class, "pending");

  private final OwnerLoopScheduler scheduler;
  private final Disposable.Composite timed = Disposables.composite();
  private final Queue<LoopTask> queue = Queues.<LoopTask>unboundedMultiproducer().get();
  private final Runnable drainTask = this::drain;

  /** Not zero while a drain is due or runs; the thread that raises it from zero brings one. */
  private volatile int pending;

  LoopWorker(OwnerLoopScheduler scheduler) {
    this.scheduler = scheduler;
  }

  @Override
  public Disposable schedule(Runnable task) {
    Objects.requireNonNull(task, "task");
    if (isDisposed()) {
      throw Exceptions.failWithRejected();
    }
    boolean inLoop = scheduler.loop().inLoop();
    LoopTask queued = new LoopTask(inLoop ? task : Schedulers.onSchedule(task), this);
    queue.offer(queued);
    if (PENDING.getAndIncrement(this) == 0 && !(inLoop && scheduler.tryRunInline(drainTask))) {
      try {
        scheduler.execute(drainTask);
      } catch (RejectedExecutionException e) {
        queued.dispose();
        pending = 0; // the next thread tries the loop again
        throw e;
      }
    }
    return queued;
  }

  private void drain() {
    int ran = 0;
    int seen = pending;
    do {
      for (LoopTask task = queue.poll(); task != null; task = queue.poll()) {
        task.run();
        if (++ran % TASKS_A_TURN == 0 && !queue.isEmpty() && continuesLater()) {
          return;
        }
      }
      seen = PENDING.addAndGet(this, -seen);
    } while (seen != 0);
  }

  /** Puts the rest of the drain behind the loop's other tasks; false if the loop takes none. */
  private boolean continuesLater() {
    try {
      scheduler.loop().execute(drainTask);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  @Override
  public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
    return delay <= 0 ? schedule(task) : scheduler.scheduleOnce(task, delay, unit, timed);
  }

  @Override
  public Disposable schedulePeriodically(
      Runnable task, long initialDelay, long period, TimeUnit unit) {
    return scheduler.schedulePeriodically(task, initialDelay, period, unit, timed);
  }

  @Override
  public void dispose() {
    timed.dispose();
  }

  @Override
  public boolean isDisposed() {
    return timed.isDisposed() || scheduler.isDisposed();
  }

  @Override
  @SuppressWarnings("rawtypes") // as Scannable declares it
  public @Nullable Object scanUnsafe(Attr key) {
    if (key == Attr.TERMINATED || key == Attr.CANCELLED) {
      return isDisposed();
    }
    if (key == Attr.BUFFERED) {
      return queue.size();
    }
    if (key == Attr.PARENT) {
      return scheduler;
    }
    if (key == Attr.NAME) {
      return scheduler + ".worker";
    }
    return null;
  }
}
