package dev.loopbridge;

/**
 * Who waits for one call, as the table of calls knows it: the handle of a started call. The other
 * kind of callback is a {@link RawCallback}, which serves many calls and stays in its slot.
 */
abstract class Completion extends LoopStep {

  /** The outcome is in. Owner loop only. */
  abstract void settle(NativeResult result);

  /** {@link #settle} threw. Owner loop only. */
  abstract void failed(Throwable thrown);

  /** Whether somebody still waits for the call to settle. */
  final boolean isAwaited() {
    return state() == PENDING;
  }
}
