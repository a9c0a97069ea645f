package dev.loopbridge.kit;

import dev.loopbridge.OwnerLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** A plain owner loop: one daemon thread, whose queue can be made to lose or refuse tasks. */
public final class ThreadLoop implements OwnerLoop {

  private static final Runnable LAST = () -> {};

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Thread thread;

  private volatile Supplier<Throwable> refusal = () -> null;

  // Guarded by atEnd.
  private final List<Runnable> atEnd = new ArrayList<>();
  private boolean forgetful;
  private boolean ending;
  private boolean ended;

  /** Starts a loop whose thread has a stack of the JVM's choice. */
  public ThreadLoop(String name) {
    this(name, 0);
  }

  /**
   * Starts a loop.
   *
   * @param stackBytes the size of its thread's stack; 0 for the JVM's choice
   */
  public ThreadLoop(String name, long stackBytes) {
    thread = new Thread(null, this::run, name, stackBytes);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    Runnable task = null;
    while (task != LAST) {
      try {
        task = tasks.take();
        task.run();
      } catch (InterruptedException e) {
        // A suite interrupts the thread of a loop; the loop goes on.
      } catch (Throwable e) {
        report(e);
      }
    }
    List<Runnable> actions;
    synchronized (atEnd) {
      ended = true;
      actions = List.copyOf(atEnd);
    }
    actions.forEach(Runnable::run);
  }

  /**
   * Reports an exception of a task. The loop goes on, even if there is no memory for the report.
   */
  private void report(Throwable thrown) {
    try {
      System.err.println(this + ": a task threw " + thrown);
    } catch (OutOfMemoryError e) {
      // Then the report is left out.
    }
  }

  /**
   * From now on refuses each task with the exception that {@code by} supplies; takes it if null.
   */
  public void refuse(Supplier<Throwable> by) {
    refusal = by;
  }

  /** From now on takes tasks and never runs them, which no loop may do. */
  public void forgetTasks() {
    synchronized (atEnd) {
      forgetful = true;
    }
  }

  /** Ends the loop behind the queued tasks; it takes no more tasks. */
  public void end() {
    synchronized (atEnd) {
      if (!ending) {
        ending = true;
        tasks.add(LAST);
      }
    }
  }

  /** Ends the loop without running the queued tasks. */
  public void die() {
    synchronized (atEnd) {
      ending = true;
      tasks.clear();
      tasks.add(LAST);
    }
  }

  /** Returns the thread that runs the tasks. */
  public Thread thread() {
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
    synchronized (atEnd) {
      if (ending) {
        throw new RejectedExecutionException(this + " has ended");
      }
      if (!forgetful) {
        tasks.add(task);
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
