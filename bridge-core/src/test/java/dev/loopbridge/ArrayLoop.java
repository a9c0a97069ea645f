package dev.loopbridge;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;

/** A loop that goes on when its heap is full, as Netty's loops do not. It ends with its JVM. */
final class ArrayLoop implements OwnerLoop {

  private final ArrayBlockingQueue<Runnable> tasks = new ArrayBlockingQueue<>(1_024);
  private final Thread thread = new Thread(this::run, "array-loop");

  ArrayLoop() {
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    while (true) {
      try {
        tasks.take().run();
      } catch (Throwable e) {
        // The heap may have room again for the next task.
      }
    }
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void execute(Runnable task) {
    if (!tasks.offer(task)) {
      throw new RejectedExecutionException("the queue is full");
    }
  }

  @Override
  public boolean hasOneThread() {
    return true;
  }

  @Override
  public Runnable onTermination(Runnable action) {
    return () -> {};
  }

  @Override
  public String toString() {
    return "ArrayLoop";
  }
}
