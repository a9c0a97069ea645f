package dev.loopbridge.reactor;

import dev.loopbridge.OwnerLoop;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.scheduler.Scheduler;

/**
 * A single-threaded Reactor Scheduler as an owner loop.
 *
 * <p>The loop learns its thread from the first task that it runs, which {@link #of} puts there.
 * Since a Scheduler does not report its end, a daemon thread joins that thread; it exists only
 * while an action waits for the termination.
 */
final class SchedulerLoop implements OwnerLoop {

  private static final Logger LOG = System.getLogger(SchedulerLoop.class.getName());

  /**
   * The pause between attempts with a Scheduler that delays the loop's first task or changes
   * threads.
   */
  private static final long ASK_AGAIN_MILLIS = 1_000;

  private static final Runnable NOTHING = () -> {};

  private final Scheduler scheduler;

  /** Whether the Scheduler itself reports one thread; then all its tasks are in the loop. */
  private final boolean single;

  /** Held while a task of the loop runs: uncontended, unless the Scheduler has several threads. */
  private final ReentrantLock running = new ReentrantLock();

  /** The actions to run after the end; guards itself and the fields below it. */
  private final Map<Object, Runnable> actions = new LinkedHashMap<>();

  private @Nullable Thread watcher;
  private boolean reported;
  private boolean warned;

  private volatile @Nullable Thread thread;

  /** Written under {@link #running}, so that no task runs after the end was reported. */
  private volatile boolean terminated;

  private SchedulerLoop(Scheduler scheduler, boolean single) {
    this.scheduler = scheduler;
    this.single = single;
  }

  static SchedulerLoop of(Scheduler scheduler) {
    Object capacity = Scannable.from(scheduler).scanUnsafe(Attr.CAPACITY);
    if (capacity != null && !capacity.equals(1)) {
      throw new IllegalArgumentException(
          "an owner loop runs its tasks on one thread, but "
              + scheduler
              + " has "
              + capacity
              + "; pass Schedulers.newSingle(name), Schedulers.single() or a Scheduler from an"
              + " executor of one thread");
    }
    SchedulerLoop loop = new SchedulerLoop(scheduler, capacity != null);
    Thread[] ranOn = new Thread[1];
    try {
      scheduler.schedule(
          () -> {
            ranOn[0] = Thread.currentThread();
            loop.run(NOTHING);
          });
    } catch (RejectedExecutionException e) {
      return loop; // disposed already, and so is the loop
    }
    if (ranOn[0] == Thread.currentThread()) {
      throw new IllegalArgumentException(
          "an owner loop has a thread of its own, but "
              + scheduler
              + " runs tasks on the caller's; pass Schedulers.newSingle(name), Schedulers.single()"
              + " or a Scheduler from an executor of one thread");
    }
    return loop;
  }

  @Override
  public boolean inLoop() {
    SchedulerLoop current = LoopThread.current();
    return (current != null && current.scheduler == scheduler)
        || (single && thread == Thread.currentThread());
  }

  @Override
  public boolean hasOneThread() {
    return single;
  }

  @Override
  public void execute(Runnable task) {
    if (terminated) {
      throw new RejectedExecutionException(this + " has shut down");
    }
    scheduler.schedule(() -> run(task));
  }

  private void run(Runnable task) {
    if (!running.tryLock()) {
      warnOfSeveralThreads();
      running.lock();
    }
    try {
      if (!terminated) {
        learnThread();
        LoopThread.run(this, task);
      }
    } finally {
      running.unlock();
    }
  }

  private void learnThread() {
    Thread current = Thread.currentThread();
    if (thread != current) {
      if (single) {
        LoopThread.belongsTo(this);
      }
      synchronized (actions) {
        thread = current;
        actions.notifyAll();
      }
    }
  }

  private void warnOfSeveralThreads() {
    boolean first;
    synchronized (actions) {
      first = !warned;
      warned = true;
    }
    if (first) {
      LOG.log(
          Level.WARNING,
          "{0} runs tasks on several threads; those of its owner loop wait for one another."
              + " Pass a Scheduler of one thread, such as Schedulers.newSingle(name)",
          scheduler);
    }
  }

  // The end.

  @Override
  public Runnable onTermination(Runnable action) {
    Object key = new Object();
    synchronized (actions) {
      if (!reported) {
        actions.put(key, action);
        if (watcher == null) {
          watcher = new Thread(this::watch, "loopbridge-end-of-" + scheduler);
          watcher.setDaemon(true);
          // Some Schedulers report each rejected task there; for a watcher it is the expected end.
          watcher.setUncaughtExceptionHandler(
              (where, e) -> LOG.log(Level.DEBUG, "watching " + this, e));
          watcher.start();
        }
        return () -> withdraw(key);
      }
    }
    action.run();
    return NOTHING;
  }

  private void withdraw(Object key) {
    synchronized (actions) {
      actions.remove(key);
      if (actions.isEmpty() && watcher != null && !reported) {
        watcher.interrupt();
        watcher = null;
      }
    }
  }

  private void watch() {
    try {
      while (true) {
        Thread seen = thread;
        if (seen != null) {
          seen.join();
        }
        if (seen == thread && !acceptsTasks()) {
          break;
        }
        awaitOther(seen);
      }
    } catch (InterruptedException e) {
      return; // no action waits for the end any more
    }
    terminate();
  }

  /** Schedules a task, which makes its thread known; returns whether the Scheduler takes it. */
  private boolean acceptsTasks() {
    try {
      scheduler.schedule(() -> run(NOTHING));
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /**
   * Waits until the loop runs on another thread than the one that is gone. The Scheduler may be
   * busy yet, or be shut down before it gets to the task without a report of that: hence the time
   * limit.
   */
  private void awaitOther(@Nullable Thread gone) throws InterruptedException {
    synchronized (actions) {
      if (thread == gone) {
        actions.wait(ASK_AGAIN_MILLIS);
      }
    }
  }

  private void terminate() {
    running.lock();
    try {
      terminated = true;
    } finally {
      running.unlock();
    }
    List<Runnable> last;
    synchronized (actions) {
      reported = true;
      last = new ArrayList<>(actions.values());
      actions.clear();
    }
    for (Runnable action : last) {
      try {
        action.run();
      } catch (RuntimeException | Error e) {
        LOG.log(Level.ERROR, "an action at the end of " + this + " threw", e);
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SchedulerLoop && ((SchedulerLoop) other).scheduler == scheduler;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(scheduler);
  }

  @Override
  public String toString() {
    return "SchedulerLoop(" + scheduler + ")";
  }
}
