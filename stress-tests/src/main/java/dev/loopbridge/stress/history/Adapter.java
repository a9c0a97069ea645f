package dev.loopbridge.stress.history;

/** The caller's own type of future. */
enum Adapter {
  RAW,
  TARGET,
  STAGE,
  PROMISE,
  MONO,
  VERTX;

  /** Whether its callbacks run on the loop in the very turn in which the call settles. */
  boolean tellsAtOnce() {
    return this == RAW || this == TARGET || this == STAGE;
  }

  /** Whether the callback is not called after a cancel that won. */
  boolean isSilentOnCancel() {
    return this == RAW || this == TARGET || this == MONO;
  }
}
