package dev.loopbridge.stress.history;

/** What a handler does when Rust asks it for a number. */
enum Script {
  /** Answers with the number and one. */
  NOW,
  /** Throws. */
  THROWS,
  /** Leaves the answer to whoever comes by. */
  LATE,
  /** Leaves an error to whoever comes by. */
  LATE_ERROR,
  /** Hands over a call that answers. */
  CALL,
  /** Never answers. */
  NEVER,
  /** Cancels the call that asks, then answers. */
  CANCELS;

  /** Whether it answers with the number and one in the end. */
  boolean answers() {
    return this == NOW || this == LATE || this == CALL || this == CANCELS;
  }
}
