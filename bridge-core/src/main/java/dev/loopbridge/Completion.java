package dev.loopbridge;

/**
 * The callback of one call in the table of calls: the handle of a started call. The other kind of
 * callback is a {@link RawCallback}, which serves many calls and stays in its slot.
 */
abstract class Completion extends LoopStep {

  /** Settles the call with its outcome. Owner loop only. */
  abstract void settle(NativeResult result);

  /** Handles an exception of {@link #settle}. Owner loop only. */
  abstract void failed(Throwable thrown);

  /** Returns whether the caller still waits for the call to settle. */
  final boolean isAwaited() {
    return state() == PENDING;
  }
}
