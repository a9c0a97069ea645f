package dev.loopbridge;

/**
 * What all ports of one runtime have in common: the names by which Rust knows the library and the
 * runtime, the limits, and the functions of the library. Immutable.
 *
 * @param library the number of the library
 * @param runtime the handle of the runtime
 * @param maxInFlight the most calls in flight on one loop
 * @param maxPayloadBytes the most bytes of one call's arguments, or of its result
 * @param drainBudgetNanos how long one drain may hold its loop
 * @param lingerNanos how long a loop that waits for outcomes looks again before it goes idle
 * @param signatures the functions, by the number of their line in the library's description
 */
record PortConfig(
    int library,
    long runtime,
    int maxInFlight,
    int maxPayloadBytes,
    long drainBudgetNanos,
    long lingerNanos,
    Signature[] signatures) {

  /** The function with this number. */
  Signature signature(int function) {
    return signatures[function];
  }
}
