package dev.loopbridge.reactor;

import dev.loopbridge.OwnerLoop;
import java.util.TreeSet;
import java.util.concurrent.RejectedExecutionException;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * The delayed tasks of one Scheduler and its Workers, kept on the loop: they run in the order in
 * which they are due, and in the order in which they came where that is the same. A loop's timer
 * does not see to that order for tasks from other threads, so it is used only to know when to look.
 */
final class LoopClock {

  /** The number of due tasks that run before the loop's other tasks do. */
  private static final int TASKS_A_TURN = 64;

  private final OwnerLoop loop;
  private final LoopTimer timer;

  // Owner loop only.
  private final TreeSet<TimedTask> tasks = new TreeSet<>();
  private Disposable alarm = Disposables.disposed();
  private boolean armed;
  private boolean ringing;
  private long alarmNanos;
  private long arrivals;

  LoopClock(OwnerLoop loop) {
    this.loop = loop;
    this.timer = LoopTimer.of(loop);
  }

  /**
   * Keeps the task until it is due. Any thread; tasks of one thread come in the order it adds them.
   *
   * @throws RejectedExecutionException if the loop is gone
   */
  void add(TimedTask task) {
    if (loop.inLoop()) {
      insert(task);
    } else {
      loop.execute(() -> insert(task));
    }
  }

  /** Any thread; off the loop the task is left in place, where it does nothing when it is due. */
  void remove(TimedTask task) {
    if (loop.inLoop()) {
      tasks.remove(task);
    }
  }

  /** Drops all tasks. Any thread. */
  void close() {
    timer.dispose();
    try {
      if (loop.inLoop()) {
        clear();
      } else {
        loop.execute(this::clear);
      }
    } catch (RejectedExecutionException e) {
      // A loop that is gone runs no delayed task either.
    }
  }

  private void clear() {
    tasks.clear();
    alarm.dispose();
  }

  private void insert(TimedTask task) {
    if (!task.isDisposed()) {
      task.arrival = arrivals++;
      tasks.add(task);
      arm();
    }
  }

  /** Sets the alarm for the first task, unless one rings no later, or rings now. */
  private void arm() {
    if (ringing || tasks.isEmpty()) {
      return;
    }
    long due = tasks.first().dueNanos;
    if (!armed || due - alarmNanos < 0) {
      alarm.dispose();
      alarm = timer.after(Math.max(0, due - System.nanoTime()), this::ring);
      alarmNanos = due;
      armed = true;
    }
  }

  private void ring() {
    armed = false;
    ringing = true;
    boolean more = runDue();
    ringing = false;
    if (more) {
      return;
    }
    try {
      arm();
    } catch (RejectedExecutionException e) {
      clear(); // the loop is ending
    }
  }

  /** Runs the tasks that are due; returns whether it put the rest of them off. */
  private boolean runDue() {
    long now = System.nanoTime();
    for (int ran = 1; !tasks.isEmpty() && tasks.first().dueNanos - now <= 0; ran++) {
      if (ran % TASKS_A_TURN == 0 && continuesLater()) {
        return true;
      }
      tasks.pollFirst().run();
    }
    return false;
  }

  /** Puts the rest behind the loop's other tasks; false if the loop takes none. */
  private boolean continuesLater() {
    try {
      loop.execute(this::ring);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }
}
