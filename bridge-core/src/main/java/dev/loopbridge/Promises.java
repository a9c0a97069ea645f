package dev.loopbridge;

import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;

/**
 * Calls as Netty {@link Promise}s. They start at once, complete on the given executor and notify
 * their listeners there. Whoever ends the promise first, by {@code cancel} or by completing it,
 * thereby drops the Rust future. Waiting for it on an event loop throws {@link
 * BlockingOnLoopException}.
 *
 * <pre>{@code
 * resize.call(image, 200).as(Promises.promise(channel.eventLoop())).addListener(...);
 * }</pre>
 */
public final class Promises {

  private Promises() {}

  /** Owned by {@code executor}, which must run its tasks one after another. */
  public static <R> CallAdapter<R, Promise<R>> promise(EventExecutor executor) {
    NettyLoop loop = NettyLoop.of(executor);
    return call -> {
      CallPromise<R> promise = new CallPromise<>(executor);
      promise.start(call, loop);
      return promise;
    };
  }

  private static final class CallPromise<R> extends DefaultPromise<R> implements CallTarget<R> {

    // Written once, by the starter, before the promise is handed out; the owner loop does not read
    // it.
    private CallHandle handle;

    CallPromise(EventExecutor executor) {
      super(executor);
    }

    void start(NativeCall<R> call, OwnerLoop loop) {
      handle = call.start(loop, this);
    }

    /** Netty's own check looks at the executor of this promise only. */
    @Override
    protected void checkDeadLock() {
      Blocking.refuseOnLoop("waiting for a native result", handle.loop());
    }

    @Override
    public void value(R value) {
      if (!super.trySuccess(value)) {
        CallTarget.release(value);
      }
    }

    @Override
    public void error(Throwable error) {
      super.tryFailure(error);
    }

    @Override
    public void undelivered(R value, Throwable error) {
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
}
