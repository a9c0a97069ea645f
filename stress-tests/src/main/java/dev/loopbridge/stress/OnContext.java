package dev.loopbridge.stress;

import io.vertx.core.Context;

/** A running loop that is a Vert.x context's: its calls may be Vert.x futures too. */
public interface OnContext extends LoopKind.Started {

  /** The context. */
  Context context();
}
