package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Something that ends once, such as a call or an answer, and then has work for the loop. The
 * decision which thread ends it is a compare-and-set, so that exactly one side wins (rule 1).
 *
 * <p>The step is its own link in an {@link Inbox}, so that passing it to the loop takes no memory.
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

  /** Written by the {@link Inbox}, or by the owner loop once it has taken the step. */
  volatile @Nullable LoopStep next;

  // A byte, since the fields of a subclass take the three beside it. It begins as PENDING, which is
  // the default: a volatile store in the constructor would be a full fence for each call.
  private volatile byte state;

  /** Ends it as SETTLED or CANCELLED; returns false if it had ended before. Any thread. */
  final boolean end(byte as) {
    return STATE.compareAndSet(this, PENDING, as); // seed M4
  }

  /** Ends it as SETTLED, on the thread that alone has it and passes it on later, if at all. */
  final void endUnshared() {
    STATE.set(this, SETTLED);
    // A thread that gets this in any way, even by a data race, finds it ended: no cancel comes
    // first.
    VarHandle.releaseFence();
  }

  /** PENDING, or how it ended. Any thread. */
  final byte state() {
    return state;
  }

  /** Returns the next step of one that is linked. Owner loop only, once it has taken the step. */
  @SuppressWarnings("NullAway") // next is null only in a step that is not linked
  final LoopStep linked() {
    return next;
  }

  /**
   * Does the work that is left for the loop. Owner loop only. A step that was submitted several
   * times before the loop took it runs once, behind the last submission.
   */
  abstract void step();
}
