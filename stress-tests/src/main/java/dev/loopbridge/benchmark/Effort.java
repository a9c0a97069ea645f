package dev.loopbridge.benchmark;

/**
 * The time that a run spends.
 *
 * @param rounds how often each arm is measured
 * @param sliceNanos how long each measurement takes
 * @param warmUpNanos how long an arm runs before it is measured
 */
record Effort(String name, int rounds, long sliceNanos, long warmUpNanos) {

  private static final long MILLI = 1_000_000;

  static final Effort FULL = new Effort("full", 9, 80 * MILLI, 600 * MILLI);
  static final Effort QUICK = new Effort("quick", 5, 50 * MILLI, 150 * MILLI);

  /** The time after which the JVM has compiled the code for payloads. */
  private static final long LONG_WARM_UP_NANOS = 800 * MILLI;

  /** The effort that only shows that everything runs. */
  static final Effort TRIAL = new Effort("trial", 1, MILLI, MILLI);

  /** Returns this effort with the warm-up that code for payloads takes, except in a trial. */
  Effort warm() {
    return equals(TRIAL) ? this : new Effort(name, rounds, sliceNanos, LONG_WARM_UP_NANOS);
  }
}
