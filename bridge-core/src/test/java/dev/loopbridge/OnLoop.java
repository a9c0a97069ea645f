package dev.loopbridge;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Runs on a loop what a test does there. */
public final class OnLoop {

  private OnLoop() {}

  /**
   * Runs the task there and waits for its result.
   *
   * @throws ExecutionException with what the task throws as its cause
   */
  public static <T> T call(OwnerLoop loop, Callable<T> task) throws Exception {
    FutureTask<T> result = new FutureTask<>(task);
    loop.execute(result);
    return result.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Runs the task there and waits for its end. */
  public static void run(OwnerLoop loop, Runnable task) throws Exception {
    call(loop, Executors.callable(task));
  }

  /** Waits until the loop has run all tasks that were queued so far. */
  public static void turn(OwnerLoop loop) throws Exception {
    run(loop, () -> {});
  }
}
