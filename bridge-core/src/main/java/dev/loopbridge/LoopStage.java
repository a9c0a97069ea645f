package dev.loopbridge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A stage that refuses to be waited for on an event loop, and so do those derived from it. What the
 * JDK makes of it by {@code allOf}, or by a method of another future, it cannot make refuse.
 */
abstract class LoopStage<R> extends CompletableFuture<R> {

  /** A stage that any code may complete, and that is not waited for on this or any other loop. */
  static <R> CompletableFuture<R> waitedForOff(@Nullable OwnerLoop loop) {
    return new Derived<>(loop);
  }

  /** The loop whose calls it stands for; null for none. */
  abstract @Nullable OwnerLoop loop();

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new Derived<>(loop());
  }

  /** As the JDK's own, but what {@code toCompletableFuture} makes of it refuses too. */
  @Override
  public CompletionStage<R> minimalCompletionStage() {
    return new MinimalStage<>(this);
  }

  @Override
  public R get() throws InterruptedException, ExecutionException {
    refuseToBlock();
    return super.get();
  }

  @Override
  public R get(long timeout, TimeUnit unit)
      throws InterruptedException, ExecutionException, TimeoutException {
    refuseToBlock();
    return super.get(timeout, unit);
  }

  @Override
  public R join() {
    refuseToBlock();
    return super.join();
  }

  private void refuseToBlock() {
    if (!isDone()) {
      Blocking.refuseOnLoop("waiting for a native result", loop());
    }
  }

  /** A stage made by {@code thenApply} and its like. */
  private static final class Derived<R> extends LoopStage<R> {

    private final @Nullable OwnerLoop loop;

    Derived(@Nullable OwnerLoop loop) {
      this.loop = loop;
    }

    @Override
    @Nullable OwnerLoop loop() {
      return loop;
    }
  }
}
