package dev.loopbridge.kit;

import dev.loopbridge.OwnerLoop;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs tasks of a suite on a loop. */
public final class OnLoop {

  private OnLoop() {}

  /**
   * Runs a task on the loop and returns its result.
   *
   * @throws TimeoutException if the task does not end in time
   */
  public static <T> T call(OwnerLoop loop, Callable<T> task, Duration patience) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            done.complete(task.call());
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        });
    try {
      return done.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }
}
