package dev.loopbridge;

import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.ContextFinder;

/** Places each started call in the context of its starter, if its loop has contexts. Any thread. */
final class CallContexts {

  /** Each start of a call asks these: most JVMs have none or one, a call site of one kind. */
  private static final ContextFinder[] FINDERS =
      LoopFinders.of(ContextFinder.class).toArray(ContextFinder[]::new);

  private CallContexts() {}

  /** Returns the target as it is to settle on {@code loop}, in the context the caller is in. */
  static <R> CallTarget<R> inContext(OwnerLoop loop, CallTarget<R> target) {
    CallTarget<R> placed = target;
    for (ContextFinder finder : FINDERS) {
      placed = finder.inContext(loop, placed);
    }
    return placed;
  }
}
