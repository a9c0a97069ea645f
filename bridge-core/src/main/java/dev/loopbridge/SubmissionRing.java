package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.function.IntConsumer;

/**
 * The producer's end of the submission ring: one producer, the owner loop, and one consumer, the
 * dispatcher.
 *
 * <p>A record is written at {@link #claim()} and becomes visible with {@link #publish()}; the
 * release there pairs with the dispatcher's acquire of the tail. The ring cannot overflow (rule 5):
 * a call is accepted only while there is room for it and for one cancel of every live call ({@link
 * #hasRoomFor}).
 */
final class SubmissionRing {

  /**
   * The number of records after which the tail is moved. The dispatcher reads the tail all the
   * time, so moving it for each record would make the loop wait for its cache line each time.
   */
  static final int RECORDS_PUBLISHED_TOGETHER = 16;

  private final ByteBuffer memory;
  private final int capacity;

  // Owner loop only.
  long tail; // a field, since Starter reads it when there may be no stack for a call
  private long published;
  private long knownHead;

  SubmissionRing(ByteBuffer memory, int capacity) {
    this.memory = memory;
    this.capacity = capacity;
  }

  /** Returns whether {@code records} more fit. */
  boolean hasRoomFor(int records) {
    if (capacity - (tail - knownHead) >= records) {
      return true;
    }
    // Pairs with the dispatcher's release of the head: it has read what it counts as consumed.
    knownHead = RecordLayout.wordAcquire(memory, RecordLayout.SUBMISSION_HEAD);
    return capacity - (tail - knownHead) >= records;
  }

  /** The place of the next record, as an offset into the port's memory. */
  int claim() {
    return offset(tail);
  }

  /**
   * Adds the record at {@link #claim()} to those that are to be published; returns whether there
   * are enough of them to publish now. Calls no method, and so cannot fail halfway.
   */
  boolean add() {
    tail++;
    return tail - published >= RECORDS_PUBLISHED_TOGETHER;
  }

  /** Makes all records visible to the dispatcher. */
  void publish() {
    RecordLayout.wordRelease(memory, RecordLayout.SUBMISSION_TAIL, tail);
    published = tail;
  }

  /**
   * Publishes the records of a turn; returns whether the dispatcher is parked, so that the caller
   * has to wake it.
   */
  boolean ring() {
    publish();
    return (RecordLayout.wordAnd(memory, RecordLayout.DOORBELL, ~RecordLayout.DOORBELL_PARKED)
            & RecordLayout.DOORBELL_PARKED)
        != 0;
  }

  /**
   * Passes on the place of each record that the dispatcher has left unread at its end. A dispatcher
   * that has not ended yet, since user code holds it, reads and settles its records itself.
   */
  void forEachUnread(IntConsumer place) {
    if (isClosed()) {
      long head = RecordLayout.wordAcquire(memory, RecordLayout.SUBMISSION_HEAD);
      for (long index = head; index != tail; index++) {
        place.accept(offset(index));
      }
    }
  }

  /** Returns whether the dispatcher has ended. */
  boolean isClosed() {
    long doorbell = RecordLayout.wordAcquire(memory, RecordLayout.DOORBELL);
    return (doorbell & RecordLayout.DOORBELL_CLOSED) != 0;
  }

  /** Returns whether the dispatcher has nothing to do and waits for the doorbell. Any thread. */
  boolean isDispatcherParked() {
    return (RecordLayout.wordAcquire(memory, RecordLayout.DOORBELL) & RecordLayout.DOORBELL_PARKED)
        != 0;
  }

  private int offset(long index) {
    return RecordLayout.RINGS + RecordLayout.RECORD_BYTES * (int) (index & (capacity - 1));
  }

  /** Records published since the port was made. */
  long published() {
    return tail;
  }
}
