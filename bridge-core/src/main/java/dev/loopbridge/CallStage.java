package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The stage of one started call. */
final class CallStage<R> extends LoopStage<R> implements CallTarget<R> {

  // Written once, by the starter, before the stage is returned; the owner loop does not read it.
  @SuppressWarnings("NullAway.Init") // the call needs its target before there is a handle
  private StartedCall handle;

  /** Takes the handle of the call that settles this. */
  void startedAs(StartedCall started) {
    handle = started;
  }

  @Override
  OwnerLoop loop() {
    return handle.loop();
  }

  @Override
  public void value(@Nullable R value) {
    if (!super.complete(value)) {
      CallTarget.release(value);
    }
  }

  @Override
  public void error(Throwable error) {
    super.completeExceptionally(error);
  }

  /** On a stage that is complete already, this runs the dependents that have not run yet. */
  @Override
  public void undelivered(@Nullable R value, Throwable error) {
    if (super.completeExceptionally(error) && value != null) {
      CallTarget.release(value);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    handle.cancel();
    return cancelled;
  }

  @Override
  public boolean complete(R value) {
    boolean completed = super.complete(value);
    handle.cancel();
    return completed;
  }

  @Override
  public boolean completeExceptionally(Throwable error) {
    boolean completed = super.completeExceptionally(error);
    handle.cancel();
    return completed;
  }

  // The rest does not pass through the methods above.

  @Override
  public CompletableFuture<R> completeAsync(Supplier<? extends R> supplier, Executor executor) {
    Supplier<R> ending =
        () -> {
          try {
            return supplier.get();
          } finally {
            handle.cancel();
          }
        };
    return super.completeAsync(supplier == null ? null : ending, executor);
  }

  @Override
  public void obtrudeValue(R value) {
    super.obtrudeValue(value);
    handle.cancel();
  }

  @Override
  public void obtrudeException(Throwable error) {
    super.obtrudeException(error);
    handle.cancel();
  }
}
