package dev.loopbridge.vertx;

import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import io.vertx.core.Closeable;
import io.vertx.core.Completable;
import io.vertx.core.Promise;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The bridge's state for a context and all its duplicates: the loop that owns their calls, the
 * calls in flight, and the one close hook that cancels them. It lives in the context's data.
 *
 * <p>Any thread. The monitor guards the list of calls and the hook; no call is cancelled and no
 * promise completed under it.
 */
final class ContextCalls implements Closeable {

  private static final Object KEY = new Object();

  private final ContextInternal context;
  private final OwnerLoop loop;
  private final boolean handlersMaySuspend;

  private volatile boolean closed;

  // Written under the monitor.
  private @Nullable VertxCall<?> first;
  private boolean loopBound;

  /** Volatile: while this is true, {@code closed} becomes true with the context's close. */
  private volatile boolean hooked;

  private ContextCalls(ContextInternal context) {
    this.context = context;
    ThreadingModel model = context.threadingModel();
    this.handlersMaySuspend = model == ThreadingModel.VIRTUAL_THREAD;
    this.loop =
        handlersMaySuspend || model == ThreadingModel.WORKER
            ? new VertxLoop(context, this)
            : NettyLoop.of(context.nettyEventLoop());
  }

  static ContextCalls of(ContextInternal context) {
    if (context.threadingModel() == ThreadingModel.EXTERNAL) {
      // It may share its data with a context of another Vert.x, which closes at another time.
      return new ContextCalls(context);
    }
    ContextCalls calls = context.get(KEY);
    return calls != null
        ? calls
        : (ContextCalls)
            context.contextData().computeIfAbsent(KEY, key -> new ContextCalls(context.unwrap()));
  }

  /** The loop that owns the calls. */
  OwnerLoop loop() {
    return loop;
  }

  /** Returns whether a handler may wait for another event of the same context before it returns. */
  boolean handlersMaySuspend() {
    return handlersMaySuspend;
  }

  /** Returns whether the context is closed, so that a call must not start any more. */
  boolean isClosed() {
    return closed || (!hooked && context.closeFuture().isClosed());
  }

  /** Why calls fail once the context is closed. */
  CancellationException closedException() {
    String id = context.deploymentID();
    return new CancellationException(
        "the native call was cancelled because "
            + (id == null ? "Vert.x was closed" : "its verticle (" + id + ") was undeployed"));
  }

  /**
   * Adds a call that is about to start, or has started and not settled.
   *
   * @return false if the context is closed, so that no close would cancel it
   */
  synchronized boolean add(VertxCall<?> call) {
    if (!hook()) {
      return false;
    }
    call.previous = null;
    call.next = first;
    if (first != null) {
      first.previous = call;
    }
    first = call;
    return true;
  }

  /** Removes a call that has settled, unless it was not added or was removed before. */
  synchronized void remove(VertxCall<?> call) {
    if (call.previous == call) {
      return;
    }
    if (call.previous != null) {
      call.previous.next = call.next;
    } else {
      first = call.next;
    }
    if (call.next != null) {
      call.next.previous = call.previous;
    }
    call.previous = call;
    call.next = null;
    unhookIfIdle();
  }

  /**
   * Keeps the close hook for a port that follows the loop to its end.
   *
   * @return false if the context is closed already
   */
  synchronized boolean bindLoop() {
    loopBound = hook();
    return loopBound;
  }

  /** Keeps the close hook for the calls alone, since no port follows the loop any more. */
  synchronized void unbindLoop() {
    loopBound = false;
    unhookIfIdle();
  }

  private boolean hook() {
    if (!closed && !hooked) {
      hooked = context.closeFuture().add(this);
      closed = !hooked;
    }
    return !closed;
  }

  /** Removes the close hook after the last call, so that it does not keep an unused context. */
  private void unhookIfIdle() {
    if (hooked && first == null && !loopBound) {
      hooked = false;
      context.closeFuture().remove(this);
    }
  }

  /** Cancels all calls, since the verticle is undeployed or Vert.x is closed. */
  @Override
  public void close(Completable<Void> completion) {
    List<VertxCall<?>> cancelled = new ArrayList<>();
    synchronized (this) {
      closed = true;
      hooked = false;
      for (VertxCall<?> call = first; call != null; call = call.next) {
        cancelled.add(call);
      }
    }
    cancelled.forEach(VertxCall::closed);
    Promise<Void> handlersRan = Promise.promise();
    handlersRan.future().onComplete(completion);
    if (loop instanceof VertxLoop own) {
      own.end(handlersRan);
      return;
    }
    try {
      context.execute((Runnable) handlersRan::tryComplete);
    } catch (RejectedExecutionException e) {
      handlersRan.tryComplete();
    }
  }
}
