package dev.loopbridge.reactor;

import dev.loopbridge.ContextCarrier;
import dev.loopbridge.spi.CallTarget;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * Carries the values for which Micrometer's context propagation has accessors. Only code that uses
 * the library may name this class, since the library is optional.
 */
final class MicrometerContext implements ContextCarrier {

  static final MicrometerContext INSTANCE = new MicrometerContext();

  private static final ContextSnapshotFactory SNAPSHOTS =
      ContextSnapshotFactory.builder().clearMissing(true).build();

  private MicrometerContext() {}

  @Override
  public @Nullable Snapshot capture(@Nullable CallTarget<?> target) {
    ContextView context =
        target instanceof NativeSubscription<?> subscription
            ? subscription.context()
            : Context.empty();
    if (!isAnySet(context)) {
      return null;
    }
    ContextSnapshot snapshot = SNAPSHOTS.captureAll(context);
    return () -> snapshot.setThreadLocals()::close;
  }

  private static boolean isAnySet(ContextView context) {
    for (ThreadLocalAccessor<?> accessor :
        ContextRegistry.getInstance().getThreadLocalAccessors()) {
      if (accessor.getValue() != null || context.hasKey(accessor.key())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "ReactorBridge.contextPropagation()";
  }
}
