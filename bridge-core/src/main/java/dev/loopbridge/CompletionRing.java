package dev.loopbridge;

import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;

/**
 * The consumer's end of the completion ring and its wake word: many producers, one consumer, the
 * drain.
 *
 * <p>The record at index {@code i} is ready when its sequence is {@code i + 1}; that acquire pairs
 * with the producer's release of the sequence. Producers never look for room: a call makes at most
 * two records, and the ring holds two for every slot (rule 5).
 *
 * <p>The thread that moves the wake word to SCHEDULED has to bring one drain (rule 3). A drain that
 * finds nothing moves it back with {@link #idle()} and must look once more, since a producer that
 * published before may have found SCHEDULED still set.
 */
final class CompletionRing {

  private final ByteBuffer memory;
  private final int start;
  private final int mask;

  // The drain only.
  private long head;

  CompletionRing(ByteBuffer memory, int submissionCapacity, int capacity) {
    this.memory = memory;
    this.start = RecordLayout.RINGS + RecordLayout.RECORD_BYTES * submissionCapacity;
    this.mask = capacity - 1;
  }

  /** Returns whether a record is ready. */
  boolean isReady() {
    return isReady(0);
  }

  /** Returns whether the record so many places on is ready; those before it will be soon. */
  boolean isReady(int ahead) {
    return RecordLayout.wordAcquire(memory, offset(head + ahead)) == head + ahead + 1;
  }

  /** The offset of the next record in the port's memory; valid only if {@link #isReady()}. */
  int offset() {
    return offset(head);
  }

  private int offset(long index) {
    return start + RecordLayout.RECORD_BYTES * (int) (index & mask);
  }

  /** Gives the record at {@link #offset()} back to the producers. */
  void advance() {
    head++;
  }

  /**
   * Moves the wake word to SCHEDULED; returns whether it was idle, so that the caller has to bring
   * a drain.
   */
  boolean schedule() {
    return (RecordLayout.wordOr(memory, RecordLayout.WAKE, RecordLayout.WAKE_SCHEDULED)
            & RecordLayout.WAKE_SCHEDULED)
        == 0; // seed M32
  }

  /**
   * Moves the wake word to idle; returns whether the native half has ended and publishes no more
   * outcomes of its own.
   */
  boolean idle() {
    long before = RecordLayout.wordAnd(memory, RecordLayout.WAKE, ~RecordLayout.WAKE_SCHEDULED);
    // A producer that finds SCHEDULED set only looks, behind a fence that follows its record.
    VarHandle.fullFence();
    return (before & RecordLayout.WAKE_CLOSED) != 0;
  }

  /** Records consumed since the port was made. */
  long consumed() {
    return head;
  }
}
