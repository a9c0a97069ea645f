package dev.loopbridge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link java.util.concurrent.CompletionStage} and no more: what completes it, looks at it or
 * waits for it is refused, here and in stages derived from it, as the JDK's own minimal stages do.
 */
final class MinimalStage<R> extends LoopStage<R> {

  private final @Nullable OwnerLoop loop;

  private MinimalStage(@Nullable OwnerLoop loop) {
    this.loop = loop;
  }

  /** A stage that completes as {@code source} does. */
  MinimalStage(LoopStage<R> source) {
    this(source.loop());
    source.whenComplete(
        (value, error) -> {
          if (error == null) {
            super.complete(value);
          } else {
            super.completeExceptionally(passedOn(error));
          }
        });
  }

  private static Throwable passedOn(Throwable error) {
    return error instanceof CompletionException ? error : new CompletionException(error);
  }

  @Override
  @Nullable OwnerLoop loop() {
    return loop;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new MinimalStage<>(loop);
  }

  /** A copy, which refuses to be waited for on a loop. */
  @Override
  public CompletableFuture<R> toCompletableFuture() {
    CompletableFuture<R> copy = LoopStage.waitedForOff(loop);
    whenComplete(
        (value, error) -> {
          if (error == null) {
            copy.complete(value);
          } else {
            copy.completeExceptionally(passedOn(error));
          }
        });
    return copy;
  }

  private static UnsupportedOperationException refused() {
    return new UnsupportedOperationException(
        "a minimal stage is a CompletionStage only; toCompletableFuture() makes a future of it");
  }

  @Override
  public R get() {
    throw refused();
  }

  @Override
  public R get(long timeout, TimeUnit unit) {
    throw refused();
  }

  @Override
  public R getNow(R valueIfAbsent) {
    throw refused();
  }

  @Override
  public R join() {
    throw refused();
  }

  @Override
  public boolean complete(R value) {
    throw refused();
  }

  @Override
  public boolean completeExceptionally(Throwable error) {
    throw refused();
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    throw refused();
  }

  @Override
  public void obtrudeValue(R value) {
    throw refused();
  }

  @Override
  public void obtrudeException(Throwable error) {
    throw refused();
  }

  @Override
  public boolean isDone() {
    throw refused();
  }

  @Override
  public boolean isCancelled() {
    throw refused();
  }

  @Override
  public boolean isCompletedExceptionally() {
    throw refused();
  }

  @Override
  public int getNumberOfDependents() {
    throw refused();
  }

  @Override
  public CompletableFuture<R> completeAsync(Supplier<? extends R> supplier, Executor executor) {
    throw refused();
  }

  @Override
  public CompletableFuture<R> completeAsync(Supplier<? extends R> supplier) {
    throw refused();
  }

  @Override
  public CompletableFuture<R> orTimeout(long timeout, TimeUnit unit) {
    throw refused();
  }

  @Override
  public CompletableFuture<R> completeOnTimeout(R value, long timeout, TimeUnit unit) {
    throw refused();
  }
}
