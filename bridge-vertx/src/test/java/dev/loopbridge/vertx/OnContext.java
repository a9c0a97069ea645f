package dev.loopbridge.vertx;

import dev.loopbridge.OwnerLoop;
import io.vertx.core.internal.ContextInternal;

/**
 * What an observer of a Vert.x future takes for its loop: that very context, with its locals, and
 * not merely the executor under it.
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
