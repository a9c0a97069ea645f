package dev.loopbridge.stress;

import dev.loopbridge.OwnerLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A loop as a user may bring one: a plain executor of one thread. */
public final class OwnKind implements LoopKind {

  @Override
  public String name() {
    return "own";
  }

  @Override
  public Started start() {
    Loop loop = new Loop();
    return new Started() {
      @Override
      public OwnerLoop loop() {
        return loop;
      }

      @Override
      public void end() {
        loop.shutdown();
      }
    };
  }

  private static final class Loop extends ThreadPoolExecutor implements OwnerLoop {

    // Guarded by itself, as is whether the loop has ended.
    private final List<Runnable> atEnd = new ArrayList<>();
    private boolean ended;

    private volatile Thread thread;

    Loop() {
      super(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
      setThreadFactory(
          task -> {
            thread = new Thread(task, "own-loop");
            thread.setDaemon(true);
            return thread;
          });
      prestartAllCoreThreads();
    }

    @Override
    public void execute(Runnable task) {
      // What a task throws would end the pool's thread, and the next one is another thread.
      super.execute(
          () -> {
            try {
              task.run();
            } catch (Throwable e) {
              Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
              handler.uncaughtException(thread, e);
            }
          });
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
    public Runnable onTermination(Runnable action) {
      synchronized (atEnd) {
        if (!ended) {
          atEnd.add(action);
          return () -> withdraw(action);
        }
      }
      action.run();
      return () -> {};
    }

    private void withdraw(Runnable action) {
      synchronized (atEnd) {
        atEnd.remove(action);
      }
    }

    @Override
    protected void terminated() {
      List<Runnable> actions;
      synchronized (atEnd) {
        ended = true;
        actions = new ArrayList<>(atEnd);
        atEnd.clear();
      }
      actions.forEach(Runnable::run);
    }
  }
}
