package dev.loopbridge.vertx;

import dev.loopbridge.OwnerLoop;
import io.vertx.core.Context;
import io.vertx.core.internal.ContextInternal;

/** Opens the loop behind a Vert.x context to the suites. */
public final class ContextLoops {

  private ContextLoops() {}

  /** The loop that owns the calls of a context. */
  public static OwnerLoop of(Context context) {
    return ContextCalls.of((ContextInternal) context).loop();
  }
}
