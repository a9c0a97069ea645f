package dev.loopbridge.reactor;

import reactor.core.Disposable;
import reactor.core.Exceptions;

/** A task on its way to the loop. */
final class LoopTask implements Runnable, Disposable {

  private final Runnable task;
  private final Disposable parent;

  private volatile boolean disposed;

  /**
   * Wraps a task.
   *
   * @param parent the Scheduler or Worker: a task of one that is disposed does not run
   */
  LoopTask(Runnable task, Disposable parent) {
    this.task = task;
    this.parent = parent;
  }

  @Override
  public void run() {
    if (!disposed && !parent.isDisposed()) {
      try {
        runGuarded(task);
      } finally {
        disposed = true;
      }
    }
  }

  @Override
  public void dispose() {
    disposed = true;
  }

  @Override
  public boolean isDisposed() {
    return disposed || parent.isDisposed();
  }

  /**
   * Runs a task and passes what it throws to the thread's handler, as Reactor's own Schedulers do:
   * the caller of an inline task must not see it.
   */
  static void runGuarded(Runnable task) {
    try {
      task.run();
    } catch (Throwable thrown) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, Exceptions.unwrap(thrown));
    }
  }
}
