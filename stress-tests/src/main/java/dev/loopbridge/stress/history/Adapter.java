package dev.loopbridge.stress.history;

/** The caller's own type of future. */
enum Adapter {
  RAW,
  TARGET,
  STAGE,
  PROMISE,
  MONO,
  VERTX;

  /** Whether its callbacks run on the loop in the very turn in which the outcome is told. */
  boolean tellsAtOnce() {
    return this == RAW || this == TARGET || this == STAGE;
  }

  /** Whether a cancel that won means that the callback hears nothing. */
  boolean isSilentOnCancel() {
    return this == RAW || this == TARGET || this == MONO;
  }
}
