package dev.loopbridge.stress;

import dev.loopbridge.kit.ThreadLoop;

/** The kind of a user's own loop: a thread and its queue. */
public final class OwnKind implements LoopKind {

  @Override
  public String name() {
    return "own";
  }

  @Override
  public Started start() {
    ThreadLoop loop = new ThreadLoop("own-loop");
    return Started.of(loop, loop::end);
  }
}
