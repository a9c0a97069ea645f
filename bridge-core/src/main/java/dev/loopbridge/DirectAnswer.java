package dev.loopbridge;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The answer for which a loop-driven future waits within a poll on this very thread. It goes into
 * the direct record, so that the future goes on in the same poll. Owner loop only.
 */
final class DirectAnswer {

  private static final long NO_INVOCATION = 0;

  private final ByteBuffer memory;

  /** The running invocation that may be answered so; NO_INVOCATION if there is none. */
  private long asked = NO_INVOCATION;

  /** The record of its answer; null until it is given. */
  private byte @Nullable [] answer;

  DirectAnswer(ByteBuffer memory) {
    this.memory = memory;
  }

  long asked() {
    return asked;
  }

  byte @Nullable [] answer() {
    return answer;
  }

  /** Expects the answer to this invocation. */
  void expect(long invocation) {
    restore(invocation, null);
  }

  /** Expects again what was expected before, as a handler's body may poll other futures. */
  void restore(long invocation, byte @Nullable [] given) {
    asked = invocation;
    answer = given;
  }

  /** Returns whether the answer to this invocation goes into the direct record. */
  boolean isExpected(long invocation) {
    return asked == invocation;
  }

  /**
   * Keeps the answer that was written into the direct record, since the body may go on and start
   * calls that use this record too.
   */
  void keep() {
    byte[] record = new byte[RecordLayout.RECORD_BYTES];
    memory.get(RecordLayout.DIRECT, record);
    answer = record;
    asked = NO_INVOCATION;
  }

  /** Puts the answer back into the direct record; returns false if none was given. */
  boolean deliver() {
    if (answer == null) {
      return false;
    }
    memory.put(RecordLayout.DIRECT, answer);
    return true;
  }
}
