package dev.loopbridge;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A stage that refuses to be waited for on an event loop, and so do those derived from it. */
abstract class LoopStage<R> extends CompletableFuture<R> {

  /** The loop whose calls it stands for. */
  abstract OwnerLoop loop();

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new Derived<>(loop());
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

    private final OwnerLoop loop;

    Derived(OwnerLoop loop) {
      this.loop = loop;
    }

    @Override
    OwnerLoop loop() {
      return loop;
    }
  }
}
