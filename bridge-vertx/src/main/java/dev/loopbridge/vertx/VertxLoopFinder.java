package dev.loopbridge.vertx;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.ContextFinder;
import io.vertx.core.ThreadingModel;
import io.vertx.core.internal.ContextInternal;

/**
 * Makes Vert.x contexts known to calls of every kind, found as a service. A call that names no loop
 * and is started on a context, duplicated or not, belongs to the loop of that context; and whatever
 * a call on that loop settles, be it a {@code CompletableFuture} or a {@code Mono}, it settles in
 * that very context: {@code Vertx.currentContext()} is there what it was at the start.
 *
 * <p>Worker and virtual threads may wait, for anything but the loop of their own context.
 */
public final class VertxLoopFinder implements ContextFinder {

  static {
    initialize();
  }

  /**
   * Vert.x looks for its logging by the class loader of the thread that uses it first, and is of no
   * use ever after where that thread has none, as a thread that asks for its loop may.
   */
  private static void initialize() {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(VertxLoopFinder.class.getClassLoader());
    try {
      ContextInternal.current();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** For the {@link java.util.ServiceLoader}. */
  public VertxLoopFinder() {}

  @Override
  public OwnerLoop current() {
    ContextInternal context = ContextInternal.current();
    return context == null || context.threadingModel() == ThreadingModel.EXTERNAL
        ? null
        : ContextCalls.of(context).loop();
  }

  /** Event loops are Netty's, which do not. */
  @Override
  public boolean mayBlock() {
    return true;
  }

  @Override
  public <R> CallTarget<R> inContext(OwnerLoop loop, CallTarget<R> target) {
    if (target instanceof VertxCall) {
      return target; // its promise has its context
    }
    ContextInternal context = ContextInternal.current();
    return context != null && ContextCalls.of(context).loop().equals(loop)
        ? new ContextTarget<>(target, context, loop)
        : target;
  }
}
