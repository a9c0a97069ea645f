package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What ends once, by whoever is first on whatever thread, and leaves the loop something to do. The
 * one decision is a compare-and-set, so that exactly one side wins (rule 1).
 *
 * <p>It is also its own link in an {@link Inbox}, so that to hand it over takes no memory.
 */
abstract class LoopStep {

  static final byte PENDING = 0;
  static final byte SETTLED = 1;
  static final byte CANCELLED = 2;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(LoopStep.class, "state", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The {@link Inbox}'s, or the owner loop's once it has taken the step. */
  volatile LoopStep next;

  // A byte, since the fields of a subclass take the three beside it. It begins as PENDING, which is
  // the default: a volatile store in the constructor would be a full fence for each call.
  private volatile byte state;

  /** Ends it as SETTLED or CANCELLED; false if it had ended before. Any thread. */
  final boolean end(byte as) {
    return STATE.compareAndSet(this, PENDING, as); // seed M4
  }

  /** PENDING, or how it ended. Any thread. */
  final byte state() {
    return state;
  }

  /**
   * What is left for the loop. Owner loop only. One that was handed over several times before the
   * loop came to it steps once, behind the last.
   */
  abstract void step();
}
