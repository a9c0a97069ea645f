package dev.loopbridge.stress.history;

import dev.loopbridge.OwnerLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;

/** The plainest owner loop: one thread and its queue. As a user would write one. */
public final class ThreadLoop implements OwnerLoop {

  private static final System.Logger LOG = System.getLogger(ThreadLoop.class.getName());

  private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final List<Runnable> terminations = new ArrayList<>();

  // Guarded by terminations.
  private boolean ending;
  private boolean ended;

  /**
   * Starts it.
   *
   * @param stackBytes the size of its thread's stack; 0 for the JVM's choice
   */
  public ThreadLoop(String name, long stackBytes) {
    thread = new Thread(null, this::run, name, stackBytes);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (true) {
      try {
        tasks.take().run();
      } catch (InterruptedException e) {
        continue;
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "a task of " + this + " threw", e);
      }
      synchronized (terminations) {
        if (ending && tasks.isEmpty()) {
          ended = true;
          break;
        }
      }
    }
    List.copyOf(terminations).forEach(Runnable::run);
  }

  /** Ends it behind the tasks it has; it takes no more. */
  public void end() {
    synchronized (terminations) {
      if (!ending) {
        tasks.add(() -> {});
        ending = true;
      }
    }
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void execute(Runnable task) {
    synchronized (terminations) {
      if (ending) {
        throw new RejectedExecutionException(this + " has ended");
      }
      tasks.add(task);
    }
  }

  @Override
  public boolean hasOneThread() {
    return true;
  }

  @Override
  public Runnable onTermination(Runnable action) {
    synchronized (terminations) {
      if (!ended) {
        terminations.add(action);
        return () -> {
          synchronized (terminations) {
            terminations.remove(action);
          }
        };
      }
    }
    action.run();
    return () -> {};
  }

  @Override
  public String toString() {
    return "ThreadLoop(" + thread.getName() + ")";
  }
}
