package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The uses of something that may be closed while it is used: it is released once, by its close or
 * by the end of the last use after that. Any thread.
 *
 * <p>State: {@code 2 * uses + (closed ? 1 : 0)}. Once it is closed no use begins, except beside
 * another one that lasts longer ({@link #pinAgain}).
 */
abstract class Pins {

  private static final int CLOSED = 1;
  private static final int USE = 2;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Pins.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile int state;

  /** Begins a use; returns false if it is closed. */
  final boolean tryPin() {
    int before;
    do {
      before = state;
      if ((before & CLOSED) != 0) {
        return false;
      }
    } while (!STATE.compareAndSet(this, before, before + USE)); // seed M36
    return true;
  }

  /** Begins a use beside one of the caller's, which has not ended; also if it is closed. */
  final void pinAgain() {
    STATE.getAndAdd(this, USE);
  }

  /** Ends a use. */
  final void unpin() {
    if ((int) STATE.getAndAdd(this, -USE) == USE + CLOSED) {
      release();
    }
  }

  /** Closes it; returns false if it was closed before. */
  final boolean tryClose() {
    int before = (int) STATE.getAndBitwiseOr(this, CLOSED);
    if (before == 0) {
      release();
    }
    return (before & CLOSED) == 0;
  }

  final boolean isClosed() {
    return (state & CLOSED) != 0;
  }

  /** Releases it: it is closed and not in use. Called once; must not throw. */
  abstract void release();
}
