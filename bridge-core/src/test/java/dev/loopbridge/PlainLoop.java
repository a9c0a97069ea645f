package dev.loopbridge;

import dev.loopbridge.spi.LoopFinder;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A loop like a user's: an executor of one thread, which recognizes its thread. */
final class PlainLoop implements OwnerLoop {

  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(task -> new LoopThread(this, task));

  /** The provider that the service file names. */
  public static final class Finder implements LoopFinder {
    @Override
    public OwnerLoop current() {
      return Thread.currentThread() instanceof LoopThread thread ? thread.loop : null;
    }
  }

  private static final class LoopThread extends Thread {
    private final PlainLoop loop;

    LoopThread(PlainLoop loop, Runnable task) {
      super(task, "plain-loop");
      this.loop = loop;
      setDaemon(true);
    }
  }

  @Override
  public boolean inLoop() {
    return Thread.currentThread() instanceof LoopThread thread && thread.loop == this;
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  @Override
  public boolean hasOneThread() {
    return true;
  }

  /** For tests whose calls have settled before the loop ends. */
  @Override
  public Runnable onTermination(Runnable action) {
    return () -> {};
  }

  void end() {
    executor.shutdown();
  }

  @Override
  public String toString() {
    return "PlainLoop";
  }
}
