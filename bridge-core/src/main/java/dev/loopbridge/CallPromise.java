package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;

/** The Netty promise of one started call. */
final class CallPromise<R> extends DefaultPromise<R> implements CallTarget<R> {

  // Written once, by the starter, before the promise is handed out; the owner loop does not read
  // it.
  @SuppressWarnings("NullAway.Init") // the call needs its target before there is a handle
  private StartedCall handle;

  CallPromise(EventExecutor executor) {
    super(executor);
  }

  /** Takes the handle of the call that settles this. */
  void startedAs(StartedCall started) {
    handle = started;
  }

  /** Netty's own check looks at the executor of this promise only. */
  @Override
  protected void checkDeadLock() {
    Blocking.refuseOnLoop("waiting for a native result", handle.loop());
  }

  @Override
  public void value(@Nullable R value) {
    if (!super.trySuccess(value)) {
      CallTarget.release(value);
    }
  }

  @Override
  public void error(Throwable error) {
    super.tryFailure(error);
  }

  @Override
  public void undelivered(@Nullable R value, Throwable error) {
    if (super.tryFailure(error) && value != null) {
      CallTarget.release(value);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (cancelled) { // or else it may be uncancellable, and waits for its result
      handle.cancel();
    }
    return cancelled;
  }

  @Override
  public boolean trySuccess(R value) {
    boolean completed = super.trySuccess(value);
    handle.cancel();
    return completed;
  }

  @Override
  public boolean tryFailure(Throwable error) {
    boolean completed = super.tryFailure(error);
    handle.cancel();
    return completed;
  }

  @Override
  public Promise<R> setSuccess(R value) {
    super.setSuccess(value);
    handle.cancel();
    return this;
  }

  @Override
  public Promise<R> setFailure(Throwable error) {
    super.setFailure(error);
    handle.cancel();
    return this;
  }
}
