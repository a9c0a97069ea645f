package dev.loopbridge.stress.history;

/** The behaviour of a handler when Rust asks it for a number. */
enum Script {
  /** Answers with the number and one. */
  NOW,
  /** Throws. */
  THROWS,
  /** Leaves the answer to a later callback. */
  LATE,
  /** Leaves an error to a later callback. */
  LATE_ERROR,
  /** Answers with a call that returns the number and one. */
  CALL,
  /** Never answers. */
  NEVER,
  /** Cancels the call that asks, then answers. */
  CANCELS;

  /** Returns whether the handler answers with the number and one in the end. */
  boolean answers() {
    return this == NOW || this == LATE || this == CALL || this == CANCELS;
  }
}
