package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What ends once, by whoever is first on whatever thread, and leaves the loop something to do. The
 * one decision is a compare-and-set, so that exactly one side wins.
 */
abstract class LoopStep {

  static final int PENDING = 0;
  static final int SETTLED = 1;
  static final int CANCELLED = 2;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(LoopStep.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("FieldMayBeFinal") // written through STATE
  private volatile int state = PENDING;

  /** Ends it as SETTLED or CANCELLED; false if it had ended before. Any thread. */
  final boolean end(int as) {
    return STATE.compareAndSet(this, PENDING, as);
  }

  /** PENDING, or how it ended. Any thread. */
  final int state() {
    return state;
  }

  /** Leaves the rest to the loop of {@code port}: at once if the caller is there. Any thread. */
  final void goHome(Port port) {
    if (port.inLoop()) {
      step();
    } else {
      port.submit(this);
    }
  }

  /** What is left for the loop. Owner loop only. */
  abstract void step();
}
