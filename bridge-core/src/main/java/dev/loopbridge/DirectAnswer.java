package dev.loopbridge;

import java.nio.ByteBuffer;

/**
 * The answer for which a loop-driven future waits on this very thread, inside a direct call. It
 * goes into the direct record when the call returns to Rust, since calls that start meanwhile use
 * that record too. Owner loop only.
 */
final class DirectAnswer {

  static final long NO_INVOCATION = 0;

  private final ByteBuffer memory;

  /** The running invocation that may be answered in the direct record; or NO_INVOCATION. */
  long asked = NO_INVOCATION;

  /** The answer to that invocation; null until it is given. */
  byte[] answer;

  DirectAnswer(ByteBuffer memory) {
    this.memory = memory;
  }

  /** Returns whether the answer to this invocation goes into the direct record. */
  boolean isFor(long invocation) {
    return asked == invocation;
  }

  /** Takes the answer to the last invocation out of the direct record. */
  void answered() {
    byte[] record = new byte[RecordLayout.RECORD_BYTES];
    memory.get(RecordLayout.DIRECT, record);
    answer = record;
    asked = NO_INVOCATION;
  }
}
