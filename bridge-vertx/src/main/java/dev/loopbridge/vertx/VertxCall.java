package dev.loopbridge.vertx;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerGoneException;
import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerBody;
import io.vertx.core.Future;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.PromiseInternal;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** One started call: it completes a promise of its context, and is one of that context's calls. */
class VertxCall<R> implements CallTarget<R> {

  private static final Logger LOG = System.getLogger(VertxCall.class.getName());

  private final ContextCalls calls;
  private final PromiseInternal<R> promise;

  /**
   * The handle; null until started. Volatile: the starter writes it, then looks whether the context
   * closed.
   */
  private volatile @Nullable CallHandle handle;

  // Guarded by the monitor of calls, which alone uses them; but for a call that is starting.

  /** This call itself if it is not one of the context's calls. */
  @Nullable VertxCall<?> previous = this;

  /**
   * This call itself while it is starting: its start runs on the owner loop, and it has not
   * settled. No other thread has it then.
   */
  @Nullable VertxCall<?> next;

  private VertxCall(ContextCalls calls, PromiseInternal<R> promise) {
    this.calls = calls;
    this.promise = promise;
  }

  /** Starts {@code call} for exactly this context. Any thread. */
  static <R> VertxCall<R> start(NativeCall<R> call, ContextInternal context) {
    ContextCalls calls = ContextCalls.of(context);
    VertxCall<R> started =
        calls.handlersMaySuspend()
            ? new Suspending<>(calls, context.promise(), call.function().runtime())
            : new VertxCall<>(calls, context.promise());
    started.start(call);
    return started;
  }

  private void start(NativeCall<R> call) {
    boolean onLoop = calls.loop().hasOneThread() && calls.loop().inLoop();
    if (onLoop ? calls.isClosed() : !calls.add(this)) {
      promise.tryFail(calls.closedException());
      return;
    }
    if (onLoop) {
      next = this;
    }
    CallHandle started;
    try {
      started = call.start(calls.loop(), this);
    } catch (RuntimeException | Error e) {
      settle(null, e); // such as when there is no memory for a port
      return;
    }
    if (onLoop) {
      if (next != this) {
        return; // it has settled already, so that no close has to find it
      }
      next = null;
    }
    handle = started;
    if (onLoop ? !calls.add(this) : calls.isClosed()) {
      closed(); // the close may have come before there was a handle to cancel by
    }
  }

  final Future<R> future() {
    return promise.future();
  }

  /** A handler runs on the context as its own tasks do, and finds what is stored in it. */
  @Override
  public final <A, B> HandlerBody<A, B> handlerBody(HandlerBody<A, B> body) {
    return ContextBody.of(body, promise.context());
  }

  /** Cancels the call for its user. Any thread. */
  boolean cancel() {
    CallHandle started = handle;
    if (started == null || !started.cancel()) {
      return false;
    }
    calls.remove(this);
    complete(null, new CancellationException("the native call was cancelled"));
    return true;
  }

  /** Cancels the call, since its context is being closed. Any thread. */
  void closed() {
    CallHandle started = handle;
    if (started != null && started.cancel()) {
      settle(null, calls.closedException());
    }
  }

  @Override
  public void value(@Nullable R value) {
    settle(value, null);
  }

  @Override
  public void error(Throwable error) {
    // A call that starts while its context closes may find the loop gone before the close finds it.
    boolean closed = error instanceof OwnerGoneException && calls.isClosed();
    settle(null, closed ? calls.closedException() : error);
  }

  @Override
  public final void undelivered(@Nullable R value, Throwable error) {
    leave();
    inTurn(() -> giveUp(value, error));
  }

  private void giveUp(@Nullable R value, Throwable error) {
    try {
      if (promise.tryFail(error) && value != null) {
        CallTarget.release(value);
      }
    } catch (RejectedExecutionException e) {
      LOG.log(Level.DEBUG, "{0} is gone, the handlers of a future do not run", calls.loop());
    }
  }

  private void settle(@Nullable R value, @Nullable Throwable error) {
    leave();
    completeInTurn(value, error);
  }

  /** This is none of the context's calls any more. */
  private void leave() {
    if (next == this) {
      next = null;
    } else {
      calls.remove(this);
    }
  }

  /** Completes the promise, on the owner loop or on the thread that noticed its end. */
  void completeInTurn(@Nullable R value, @Nullable Throwable error) {
    complete(value, error);
  }

  void inTurn(Runnable completion) {
    completion.run();
  }

  final void complete(@Nullable R value, @Nullable Throwable error) {
    try {
      if (error != null) {
        promise.tryFail(error);
      } else if (!promise.tryComplete(value)) {
        CallTarget.release(value);
      }
    } catch (RejectedExecutionException e) {
      // Vert.x throws this when a future is completed whose context has no thread any more. The
      // future is complete all the same; its handlers run nowhere else.
      LOG.log(Level.DEBUG, "{0} is gone, the handlers of a future do not run", calls.loop());
    }
  }

  /**
   * A call of a context whose handlers may await. Such a handler suspends the task it runs in: it
   * must not be a drain, which others wait for.
   */
  private static final class Suspending<R> extends VertxCall<R> {

    private final ContextInternal context;
    private final NativeRuntime runtime;

    Suspending(ContextCalls calls, PromiseInternal<R> promise, NativeRuntime runtime) {
      super(calls, promise);
      this.context = promise.context();
      this.runtime = runtime;
    }

    @Override
    void completeInTurn(@Nullable R value, @Nullable Throwable error) {
      inTurn(() -> complete(value, error));
    }

    @Override
    void inTurn(Runnable completion) {
      try {
        context.executor().execute(runtime.carrying(completion));
      } catch (RejectedExecutionException e) {
        LOG.log(Level.DEBUG, "{0} takes no tasks any more", context);
        completion.run();
      }
    }
  }
}
