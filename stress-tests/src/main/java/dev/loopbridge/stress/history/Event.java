package dev.loopbridge.stress.history;

/**
 * One line of a history.
 *
 * @param number its place in the order of events; a step with a begin and an end is two events
 * @param call the number of its call; -1 if it has none
 * @param outcome the outcome of a settled call; else null
 * @param number2 a further fact: the number that a handler was asked for, or whether a cancel won
 * @param thread the id of the thread
 * @param onOwner whether that thread was in the owner loop
 */
record Event(
    long number, What what, int call, Outcome outcome, long number2, long thread, boolean onOwner) {

  enum What {
    /** Before and after the start of a call; events in between are on the starter's thread. */
    START_BEGUN,
    START_ENDED,
    /** A callback got the outcome. */
    SETTLED,
    /** A future whose callback could not run any more was found complete. */
    FOUND,
    CANCEL_BEGUN,
    CANCEL_ENDED,
    SIGNALLED,
    REFERENCE_CLOSED,
    HANDLER_RAN,
    HANDLER_WITHDRAWN,
    LOOP_END_BEGUN,
    LOOP_ENDED,
    CLOSE_BEGUN
  }

  Event as(long otherNumber) {
    return new Event(otherNumber, what, call, outcome, number2, thread, onOwner);
  }

  Event onThread(long other, boolean otherOnOwner) {
    return new Event(number, what, call, outcome, number2, other, otherOnOwner);
  }
}
