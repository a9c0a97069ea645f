package dev.loopbridge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * A loop for one sample: its tasks run on the thread of {@link RaceGround#LOOP}, but it can end
 * alone. Any thread may use it.
 */
public final class ShortLoop implements OwnerLoop {

  /** The loop whose task now runs on that thread; only that thread uses the field. */
  private static ShortLoop current;

  private final boolean forgetful;

  // Guarded by this.
  private boolean ending;
  private boolean ended;
  private final List<Runnable> actions = new ArrayList<>(1);

  /** Makes a loop that runs every task it has taken before it ends. */
  public ShortLoop() {
    this(false);
  }

  private ShortLoop(boolean forgetful) {
    this.forgetful = forgetful;
  }

  /**
   * Returns a loop that ends when no port follows it any more; it then drops the tasks that it has
   * not begun.
   */
  static ShortLoop forgetful() {
    return new ShortLoop(true);
  }

  @Override
  public boolean inLoop() {
    return RaceGround.LOOP.inLoop() && current == this;
  }

  @Override
  public synchronized void execute(Runnable task) {
    if (ending) {
      throw new RejectedExecutionException("this loop has ended");
    }
    RaceGround.EXECUTOR.execute(() -> run(task));
  }

  private void run(Runnable task) {
    if (forgets()) {
      return;
    }
    current = this;
    try {
      task.run();
    } finally {
      current = null;
    }
  }

  private synchronized boolean forgets() {
    return forgetful && ending;
  }

  /** Takes no more tasks, and ends when the tasks that it took have run. */
  public synchronized void end() {
    if (!ending) {
      ending = true;
      RaceGround.EXECUTOR.execute(this::finish);
    }
  }

  private void finish() {
    List<Runnable> last;
    synchronized (this) {
      ended = true;
      last = new ArrayList<>(actions);
      actions.clear();
    }
    last.forEach(Runnable::run);
  }

  @Override
  public Runnable onTermination(Runnable action) {
    synchronized (this) {
      if (!ended) {
        actions.add(action);
        return () -> withdraw(action);
      }
    }
    action.run();
    return () -> {};
  }

  private synchronized void withdraw(Runnable action) {
    actions.remove(action);
    if (forgetful && actions.isEmpty()) {
      end();
    }
  }

  @Override
  public String toString() {
    return "ShortLoop";
  }
}
