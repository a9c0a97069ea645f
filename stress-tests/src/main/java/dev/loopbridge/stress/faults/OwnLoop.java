package dev.loopbridge.stress.faults;

import dev.loopbridge.OwnerLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** A loop of the suite's own: one daemon thread, whose queue can be lost or refuse tasks. */
final class OwnLoop implements OwnerLoop {

  private static final Runnable LAST = () -> {};

  private final LinkedBlockingDeque<Runnable> queue = new LinkedBlockingDeque<>();
  private final List<Runnable> atEnd = new ArrayList<>();
  private final Thread thread;

  private volatile Supplier<Throwable> refusal = () -> null;
  private boolean ending;
  private boolean forgetful;
  private boolean ended;

  OwnLoop(String name) {
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    Runnable task = null;
    while (task != LAST) {
      try {
        task = queue.takeFirst();
        task.run();
      } catch (InterruptedException e) {
        // Somebody else's: a loop goes on.
      } catch (Throwable e) {
        tell(e);
      }
    }
    List<Runnable> told;
    synchronized (atEnd) {
      ended = true;
      told = List.copyOf(atEnd);
    }
    told.forEach(Runnable::run);
  }

  /** A loop outlives what its tasks throw, even where there is no room to say so. */
  private void tell(Throwable thrown) {
    try {
      System.err.println(thread.getName() + ": a task threw " + thrown);
    } catch (OutOfMemoryError e) {
      // Then nobody is told.
    }
  }

  /** Each task may from now on be refused with what this supplies; null: it is taken. */
  void refuse(Supplier<Throwable> by) {
    refusal = by;
  }

  /** From now on tasks are taken and never run: what no loop may do. */
  void forgetTasks() {
    synchronized (queue) {
      forgetful = true;
    }
  }

  /** Ends with the tasks that are queued. */
  void end() {
    synchronized (queue) {
      ending = true;
      queue.addLast(LAST);
    }
  }

  /** Ends without running what is queued. */
  void die() {
    synchronized (queue) {
      ending = true;
      queue.clear();
      queue.addLast(LAST);
    }
  }

  Thread thread() {
    return thread;
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  @Override
  public boolean hasOneThread() {
    return true;
  }

  @Override
  public void execute(Runnable task) {
    Throwable thrown = refusal.get();
    if (thrown != null) {
      sneak(thrown);
    }
    synchronized (queue) {
      if (ending) {
        throw new RejectedExecutionException(thread.getName() + " has ended");
      }
      if (!forgetful) {
        queue.addLast(task);
      }
    }
  }

  @Override
  public Runnable onTermination(Runnable action) {
    synchronized (atEnd) {
      if (!ended) {
        atEnd.add(action);
        return () -> {
          synchronized (atEnd) {
            atEnd.remove(action);
          }
        };
      }
    }
    action.run();
    return () -> {};
  }

  @SuppressWarnings("unchecked") // no cast is made: the type is erased
  private static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }

  @Override
  public String toString() {
    return thread.getName();
  }
}
