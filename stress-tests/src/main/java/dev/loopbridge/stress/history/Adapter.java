package dev.loopbridge.stress.history;

/** The caller's own type of future. */
enum Adapter {
  RAW,
  TARGET,
  STAGE,
  PROMISE,
  MONO,
  VERTX;

  /** Returns whether its callbacks run on the loop in the same turn in which the call settles. */
  boolean settlesAtOnce() {
    return this == RAW || this == TARGET || this == STAGE;
  }

  /** Returns whether the callback is not called after a cancel that won. */
  boolean isSilentOnCancel() {
    return this == RAW || this == TARGET || this == MONO;
  }
}
