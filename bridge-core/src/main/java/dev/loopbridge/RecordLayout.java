// Twin of native-executor/crates/protocol/src/record.rs: the two are compared when a library is
// loaded.
package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The port's memory, in native byte order. Each header word has a 128-byte line of its own.
 *
 * <pre>
 *     0  submission tail   records published          written by the owner loop (release)
 *   128  submission head   records consumed           written by the dispatcher (release)
 *   256  doorbell          PARKED, CLOSED             read-modify-write only
 *   384  completion tail   records claimed            fetch-and-add by any worker
 *   512  wake word         SCHEDULED, CLOSED          read-modify-write only
 *   640  direct record     calls and outcomes of direct calls, by the owner loop's thread alone
 *  1024  submission records, 64 bytes each, then completion records, 64 bytes each, then cells
 *
 *  submission  | kind 1 | flags 1 | inline length 2 | function 4 | slot 4 | generation 4 | arguments 48 |
 *  completion  | sequence 8 | outcome 1 | flags 1 | inline length 2 | slot 4 | generation 4 | payload length 4 | payload 40 |
 *  answer      | kind 1 | flags 1 | inline length 2 | value or error 4 | invocation 8 | value 48 |
 *  relay       | kind 1 | flags 1 | inline length 2 | function 4 | invocation 8 | arguments 48 |
 *  request     | sequence 8 | code 1 | flags 1 | inline length 2 | slot 4 | generation 4 | payload length 4 | argument 32 | invocation 8 |
 * </pre>
 *
 * <p>With the flag CELL, the inline length of a call or of its outcome counts bytes in the cell of
 * the call's slot ({@link Cells}).
 */
final class RecordLayout {

  static final int ABI = 7;
  static final int RECORD_BYTES = 64;
  static final int LINE_BYTES = 128;

  static final int SUBMISSION_TAIL = 0;
  static final int SUBMISSION_HEAD = 128;
  static final int DOORBELL = 256;
  static final int COMPLETION_TAIL = 384;
  static final int WAKE = 512;
  static final int DIRECT = 640;
  static final int RINGS = 1024;

  static final int SUBMISSION_SLOT = 8;
  static final int SUBMISSION_GENERATION = 12;
  static final int SUBMISSION_ARGUMENTS = 16;
  static final int SUBMISSION_INLINE_BYTES = 48;

  static final int COMPLETION_OUTCOME = 8;
  static final int COMPLETION_SLOT = 12;
  static final int COMPLETION_GENERATION = 16;
  static final int COMPLETION_PAYLOAD_LENGTH = 20;
  static final int COMPLETION_PAYLOAD = 24;
  static final int COMPLETION_INLINE_BYTES = 40;

  /** The place of a request's invocation, behind the bytes of its argument. */
  static final int REQUEST_INLINE_BYTES = 32;

  /** The bytes of a cell: an odd number of cache lines, so that cells share few sets of a cache. */
  static final int CELL_BYTES = 17 * 64;

  static final int ANSWER_INVOCATION = 8;
  static final int ANSWER_VALUE = 1;
  static final int ANSWER_ERROR = 2;
  static final int ANSWER_PANIC = 3;

  /** What became of a loop-driven future: pending is 0. */
  static final int PENDING = 0;

  static final int SETTLED = 1;
  static final int AGAIN = 2;
  static final int RETURNED = 3;

  static final int CALL = 1;
  static final int CANCEL = 2;
  static final int ANSWER = 3;
  static final int ACKNOWLEDGE = 4;
  static final int RELAY = 5;
  static final int EXTERNAL_ARGUMENTS = 1;
  static final int NEEDS_PORT = 2;
  static final int CELL_ARGUMENTS = 4;

  static final int VALUE = 1;
  static final int ERROR = 2;
  static final int PANIC = 3;
  static final int CANCELLED = 4;
  static final int CLOSED = 5;
  static final int REFUSED = 6;
  static final int RELEASED = 7;
  static final int TOO_LARGE = 8;
  static final int INVOKE = 9;
  static final int WITHDRAW = 10;
  static final int DROP = 11;
  static final int POLL = 14;
  static final int THROWN = 12;
  static final int WRONG_LOOP = 13;
  static final int EXHAUSTED = 15;
  static final int EXTERNAL_PAYLOAD = 1;
  static final int LENT = 2;
  static final int CELL_PAYLOAD = 4;

  static final long DOORBELL_PARKED = 1;
  static final long DOORBELL_CLOSED = 2;
  static final long WAKE_SCHEDULED = 1;
  static final long WAKE_CLOSED = 2;

  /** The forms of a string or byte argument: its bytes follow, or their address does. */
  static final byte FORM_INLINE = 0;

  static final byte FORM_LENT = 1;

  private static final VarHandle WORD =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder())
          .withInvokeExactBehavior();

  private RecordLayout() {}

  /** The bytes of a block with two rings of these capacities, in records. */
  static long bytes(int submissionCapacity, int completionCapacity) {
    return RINGS + (long) RECORD_BYTES * (submissionCapacity + (long) completionCapacity);
  }

  /**
   * A zeroed block that has no native half, aligned so that header words do not share cache lines.
   */
  static ByteBuffer allocate(int submissionCapacity, int completionCapacity) {
    int bytes = Math.toIntExact(bytes(submissionCapacity, completionCapacity));
    return ByteBuffer.allocateDirect(bytes + LINE_BYTES)
        .alignedSlice(LINE_BYTES)
        .slice(0, bytes)
        .order(ByteOrder.nativeOrder());
  }

  /**
   * A word of a record, which no other thread uses now. Opaque, which requires it to be aligned.
   */
  static long word(ByteBuffer memory, int offset) {
    return (long) WORD.getOpaque(memory, offset);
  }

  static void word(ByteBuffer memory, int offset, long value) {
    WORD.setOpaque(memory, offset, value);
  }

  /** A word of two halves; integers are little endian. */
  static long halves(int low, int high) {
    return (low & 0xffffffffL) | (long) high << 32;
  }

  static long wordAcquire(ByteBuffer memory, int offset) {
    return (long) WORD.getAcquire(memory, offset);
  }

  static void wordRelease(ByteBuffer memory, int offset, long value) {
    WORD.setRelease(memory, offset, value);
  }

  static long wordOr(ByteBuffer memory, int offset, long bits) {
    return (long) WORD.getAndBitwiseOr(memory, offset, bits);
  }

  static long wordAnd(ByteBuffer memory, int offset, long bits) {
    return (long) WORD.getAndBitwiseAnd(memory, offset, bits);
  }

  /** The text both languages hash; it names every constant that the two sides share. */
  static String text() {
    return String.join(
        ";",
        "abi=" + ABI,
        "record=" + RECORD_BYTES,
        "sq.tail=" + SUBMISSION_TAIL,
        "sq.head=" + SUBMISSION_HEAD,
        "sq.doorbell=" + DOORBELL,
        "cq.tail=" + COMPLETION_TAIL,
        "cq.wake=" + WAKE,
        "direct=" + DIRECT,
        "rings=" + RINGS,
        "sq.inline=" + SUBMISSION_INLINE_BYTES,
        "cq.inline=" + COMPLETION_INLINE_BYTES,
        "cell=" + CELL_BYTES,
        "submission.call=" + CALL,
        "submission.cancel=" + CANCEL,
        "submission.answer=" + ANSWER,
        "submission.acknowledge=" + ACKNOWLEDGE,
        "submission.relay=" + RELAY,
        "submission.external=" + EXTERNAL_ARGUMENTS,
        "submission.needsPort=" + NEEDS_PORT,
        "submission.cell=" + CELL_ARGUMENTS,
        "outcome.value=" + VALUE,
        "outcome.error=" + ERROR,
        "outcome.panic=" + PANIC,
        "outcome.cancelled=" + CANCELLED,
        "outcome.closed=" + CLOSED,
        "outcome.refused=" + REFUSED,
        "outcome.released=" + RELEASED,
        "outcome.tooLarge=" + TOO_LARGE,
        "outcome.thrown=" + THROWN,
        "outcome.wrongLoop=" + WRONG_LOOP,
        "outcome.exhausted=" + EXHAUSTED,
        "request.invoke=" + INVOKE,
        "request.withdraw=" + WITHDRAW,
        "request.drop=" + DROP,
        "request.poll=" + POLL,
        "request.inline=" + REQUEST_INLINE_BYTES,
        "answer.value=" + ANSWER_VALUE,
        "answer.error=" + ANSWER_ERROR,
        "answer.panic=" + ANSWER_PANIC,
        "step.pending=" + PENDING,
        "step.settled=" + SETTLED,
        "step.again=" + AGAIN,
        "step.returned=" + RETURNED,
        "outcome.external=" + EXTERNAL_PAYLOAD,
        "outcome.lent=" + LENT,
        "outcome.cell=" + CELL_PAYLOAD,
        "doorbell.parked=" + DOORBELL_PARKED,
        "doorbell.closed=" + DOORBELL_CLOSED,
        "wake.scheduled=" + WAKE_SCHEDULED,
        "wake.closed=" + WAKE_CLOSED);
  }

  /** FNV-1a over {@link #text()} and the names of the counters, each behind a semicolon. */
  static long fingerprint() {
    StringBuilder text = new StringBuilder(text());
    for (RustCounter counter : RustCounter.values()) {
      text.append(';').append(counter.rustName());
    }
    long hash = 0xcbf29ce484222325L;
    for (byte b : text.toString().getBytes(StandardCharsets.US_ASCII)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }
}
