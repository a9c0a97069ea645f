package dev.loopbridge.reactor;

import dev.loopbridge.NativeCall;
import dev.loopbridge.OwnerGoneException;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeClosedException;
import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerBody;
import io.netty.util.ReferenceCounted;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * One subscription to a {@link NativeMono}, and the target of the call that it starts.
 *
 * <p>{@code state} moves from null through {@link #STARTING} to the call's handle with the first
 * request, and from anywhere to {@link #CANCELLED} or {@link #DONE}, where it stays. Any thread may
 * request and cancel; the owner loop alone moves it to {@code DONE}. The handle decides whether a
 * cancel or the outcome was first.
 */
final class NativeSubscription<R> implements Subscription, CallTarget<R>, Scannable {

  private static final Object STARTING = new Object();
  private static final Object CANCELLED = new Object();
  private static final Object DONE = new Object();

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(NativeSubscription.class, "state", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final NativeCall<R> call;
  private final OwnerLoop loop;
  private final CoreSubscriber<? super R> actual;

  private volatile @Nullable Object state;

  /** Whether the subscriber owns the value. Owner loop only. */
  private boolean passed;

  NativeSubscription(NativeCall<R> call, OwnerLoop loop, CoreSubscriber<? super R> actual) {
    this.call = call;
    this.loop = loop;
    this.actual = actual;
  }

  /**
   * The first starts the call. A count that is not positive is reported the way all of Reactor
   * does; subscribers from outside of Reactor get their {@code onError} from its strict wrapper.
   */
  @Override
  public void request(long n) {
    if (!Operators.validate(n) || !STATE.compareAndSet(this, null, STARTING)) {
      return;
    }
    CallHandle handle;
    try {
      handle = call.start(loop, this);
    } catch (RuntimeException | Error e) {
      if (state == DONE) {
        throw e; // the subscriber has its signal, and threw while it took it
      }
      error(e);
      return;
    }
    if (!STATE.compareAndSet(this, STARTING, handle) && state == CANCELLED) {
      handle.cancel();
    }
  }

  @Override
  public void cancel() {
    Object seen = state;
    while (seen != DONE && seen != CANCELLED) {
      if (STATE.compareAndSet(this, seen, CANCELLED)) {
        if (seen instanceof CallHandle handle) {
          handle.cancel();
        }
        return;
      }
      seen = state;
    }
  }

  /** The subscriber's Context. */
  ContextView context() {
    return actual.currentContext();
  }

  @Override
  public <A, B> HandlerBody<A, B> handlerBody(HandlerBody<A, B> body) {
    return body instanceof MonoBody<A, B> mono ? mono.in(context()) : body;
  }

  // On the owner loop, or where its end was noticed.

  @Override
  public void value(@Nullable R value) {
    if (!finish()) {
      lateValue(value);
      return;
    }
    try {
      if (value != null) {
        passed = true;
        actual.onNext(value);
      }
      actual.onComplete();
    } catch (Throwable thrown) {
      threw(thrown);
    }
  }

  @Override
  public void error(Throwable error) {
    if (!finish()) {
      lateError(error);
      return;
    }
    try {
      actual.onError(error);
    } catch (Throwable thrown) {
      threw(thrown);
    }
  }

  /**
   * The subscriber may not have had its terminal signal; operators of Reactor's drop one that they
   * do not wait for any more.
   */
  @Override
  public void undelivered(@Nullable R value, Throwable error) {
    if (value != null && !passed) {
      lateValue(value);
    }
    actual.onError(error);
  }

  /**
   * Claims the one terminal signal; false after a cancel, of which the handle may not know yet. A
   * store suffices: a cancel that is overwritten came when the handle had settled.
   */
  private boolean finish() {
    if (state == CANCELLED) {
      return false;
    }
    STATE.setRelease(this, DONE);
    return true;
  }

  /** Drops what a subscriber has thrown, since no signal is left that could carry it. */
  private void threw(Throwable thrown) {
    Exceptions.throwIfFatal(thrown);
    Operators.onErrorDropped(thrown, actual.currentContext());
  }

  /**
   * Offers the value to the hook and releases what is left of it. A hook made for another type
   * leaves it untouched, which only its reference count shows; the second reference held meanwhile
   * keeps a pooled object from being used again before the count is read.
   */
  @Override
  public void lateValue(@Nullable R value) {
    Context context = actual.currentContext();
    if (value instanceof ReferenceCounted counted) {
      int owned = counted.refCnt();
      counted.retain();
      Operators.onDiscard(value, context);
      int left = counted.refCnt();
      if (left > 0) {
        counted.release(left > owned ? 2 : 1);
      }
    } else {
      Operators.onDiscard(value, context);
      CallTarget.release(value);
    }
  }

  /** Drops an error that means only that the call was ended, since the cancel asked for that. */
  @Override
  public void lateError(Throwable error) {
    if (!(error instanceof CancellationException
        || error instanceof RuntimeClosedException
        || error instanceof OwnerGoneException)) {
      Operators.onErrorDropped(error, actual.currentContext());
    }
  }

  @Override
  @SuppressWarnings("rawtypes") // as Scannable declares it
  public @Nullable Object scanUnsafe(Attr key) {
    if (key == Attr.ACTUAL) {
      return actual;
    }
    if (key == Attr.CANCELLED) {
      return state == CANCELLED;
    }
    if (key == Attr.TERMINATED) {
      return state == DONE;
    }
    if (key == Attr.REQUESTED_FROM_DOWNSTREAM) {
      return state == null ? 0L : 1L;
    }
    if (key == Attr.PREFETCH) {
      return 0;
    }
    if (key == Attr.RUN_STYLE) {
      return Attr.RunStyle.ASYNC;
    }
    return null;
  }

  @Override
  public String stepName() {
    return "native(" + call.function().name() + ")";
  }
}
