package dev.loopbridge.stress;

import io.vertx.core.Context;

/** A running loop of a Vert.x context: its calls may be Vert.x futures too. */
public interface OnContext extends LoopKind.Started {

  /** Returns the context. */
  Context context();
}
