package dev.loopbridge.vertx;

import dev.loopbridge.OwnerLoop;
import io.vertx.core.internal.ContextInternal;

/**
 * The owner loop by which tests check where a Vert.x future's observer runs: on that very context,
 * with its locals, and not merely on the context's executor.
 */
record OnContext(ContextInternal context) implements OwnerLoop {

  @Override
  public boolean inLoop() {
    return context.isRunningOnContext();
  }

  @Override
  public void execute(Runnable task) {
    context.runOnContext(event -> task.run());
  }

  @Override
  public Runnable onTermination(Runnable action) {
    throw new UnsupportedOperationException("nothing is owned by a context");
  }
}
