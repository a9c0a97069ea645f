package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerBody;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** The context captured for one call. It never fails: a call without its context still runs. */
final class CarriedContext {

  private static final Logger LOG = System.getLogger(CarriedContext.class.getName());

  private static final ContextCarrier.Scope NOTHING = () -> {};

  private final ContextCarrier.Snapshot snapshot;

  private CarriedContext(ContextCarrier.Snapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** Captures the context of the caller; null if there is none. */
  static @Nullable CarriedContext capture(
      @Nullable ContextCarrier carrier, @Nullable CallTarget<?> target) {
    if (carrier == null) {
      return null;
    }
    try {
      ContextCarrier.Snapshot snapshot = carrier.capture(target);
      return snapshot == null ? null : new CarriedContext(snapshot);
    } catch (Throwable e) {
      LOG.log(Level.ERROR, "context could not be captured by " + carrier, e);
      return null;
    }
  }

  private ContextCarrier.Scope restore() {
    try {
      return snapshot.restore();
    } catch (Throwable e) {
      LOG.log(Level.ERROR, "context could not be restored by " + snapshot, e);
      return NOTHING;
    }
  }

  private static void close(ContextCarrier.Scope scope) {
    try {
      scope.close();
    } catch (Throwable e) {
      LOG.log(Level.ERROR, "context could not be put back by " + scope, e);
    }
  }

  Runnable around(Runnable task) {
    return () -> {
      ContextCarrier.Scope scope = restore();
      try {
        task.run();
      } finally {
        close(scope);
      }
    };
  }

  /** The target, which settles in this context. */
  <R> CallTarget<R> around(CallTarget<R> target) {
    return new Target<>(this, target);
  }

  /** The body, which runs and is cancelled in this context. */
  <A, R> HandlerBody<A, R> around(HandlerBody<A, R> body) {
    return (argument, answer) -> {
      ContextCarrier.Scope scope = restore();
      try {
        Runnable cancellation = body.handle(argument, answer);
        return cancellation == null ? null : around(cancellation);
      } finally {
        close(scope);
      }
    };
  }

  private record Target<R>(CarriedContext context, CallTarget<R> target) implements CallTarget<R> {

    @Override
    public void value(@Nullable R value) {
      ContextCarrier.Scope scope = context.restore();
      try {
        target.value(value);
      } finally {
        close(scope);
      }
    }

    @Override
    public void error(Throwable error) {
      ContextCarrier.Scope scope = context.restore();
      try {
        target.error(error);
      } finally {
        close(scope);
      }
    }

    @Override
    public void undelivered(@Nullable R value, Throwable error) {
      ContextCarrier.Scope scope = context.restore();
      try {
        target.undelivered(value, error);
      } finally {
        close(scope);
      }
    }

    @Override
    public void lateValue(@Nullable R value) {
      ContextCarrier.Scope scope = context.restore();
      try {
        target.lateValue(value);
      } finally {
        close(scope);
      }
    }

    @Override
    public void lateError(Throwable error) {
      ContextCarrier.Scope scope = context.restore();
      try {
        target.lateError(error);
      } finally {
        close(scope);
      }
    }
  }
}
