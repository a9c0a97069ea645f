package dev.loopbridge;

import java.util.ArrayDeque;

/**
 * A loop whose tasks run where and when a scene calls {@link #run}. One thread at a time may run
 * it.
 */
public final class HandLoop implements OwnerLoop {

  // Guarded by this.
  private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();

  private volatile Thread thread;

  /** Makes a loop without tasks. */
  public HandLoop() {}

  /** Runs the queued tasks and the tasks that these queue. */
  public void run() {
    thread = Thread.currentThread();
    for (Runnable task = next(); task != null; task = next()) {
      task.run();
    }
    thread = null;
  }

  private synchronized Runnable next() {
    return tasks.poll();
  }

  @Override
  public boolean inLoop() {
    return thread == Thread.currentThread();
  }

  @Override
  public synchronized void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Runnable onTermination(Runnable action) {
    return () -> {};
  }

  @Override
  public String toString() {
    return "HandLoop";
  }
}
