package dev.loopbridge;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens both ends of a port's memory to the suite that writes forged records there: records for
 * Java's reader, and records for the dispatcher of a second port, which has no Java half.
 */
public final class RecordForge implements AutoCloseable {

  public static final int RECORD_BYTES = RecordLayout.RECORD_BYTES;

  /**
   * How many bytes fit into the records of a call, of its result, and of a handler's argument, and
   * into a cell.
   */
  public static final int[] INLINE_BYTES = {
    RecordLayout.SUBMISSION_INLINE_BYTES,
    RecordLayout.COMPLETION_INLINE_BYTES,
    RecordLayout.REQUEST_INLINE_BYTES,
    RecordLayout.CELL_BYTES
  };

  private static final int CAPACITY = 64;

  private final Port host;
  private final NativeResult result;
  private final ByteBuffer record =
      ByteBuffer.allocateDirect(RECORD_BYTES).order(ByteOrder.nativeOrder());
  private final ByteBuffer memory;
  private final SubmissionRing submissions;
  private final CompletionRing completions;
  private final long port;

  /**
   * Opens the second port.
   *
   * @param of the host: its loop gets the second port's upcalls, and its reader reads the records
   */
  public RecordForge(RawPort of) {
    this.host = of.port;
    this.result = new NativeResult(host.state, host.steps);
    RingMemory rings = RingMemory.map(host.state.config.library(), CAPACITY / 2, CAPACITY);
    this.memory = rings.words();
    this.submissions = new SubmissionRing(memory, CAPACITY);
    this.completions = new CompletionRing(memory, CAPACITY, CAPACITY);
    this.port =
        Native.portOpen(
            host.state.config.library(),
            host.state.config.runtime(),
            host,
            rings.handle(),
            CAPACITY,
            CAPACITY,
            CAPACITY / 2,
            1 << 20);
  }

  // Java's reader; on the host's loop only.

  /**
   * Reads a record as the outcome of a call of a function with this signature, then releases it.
   *
   * @return the value, which may be null, or the error of the call
   * @throws RuntimeException if the reader refuses the record
   */
  public Object read(byte[] bytes, String signature) {
    record.put(0, bytes, 0, RECORD_BYTES);
    result.load(record, 0);
    result.signature(Signature.parse(0, signature));
    try {
      Throwable error = result.error();
      if (error != null) {
        return error;
      }
      Object value = ValueReader.value(result, classOf(signature));
      if (value instanceof NativeRef reference) {
        reference.close();
      }
      return value;
    } finally {
      result.release();
    }
  }

  private static Class<?> classOf(String signature) {
    return signature.endsWith("bytes") ? byte[].class : io.netty.buffer.ByteBuf.class;
  }

  /** Gives bytes to the host's native half; returns the ticket by which they can be taken. */
  public long give(byte[] bytes) {
    return Native.payloadGive(host.state.config.library(), host.state.nativeHalf.handle(), bytes);
  }

  /** Parses a line of a library's description; returns it formatted again. */
  public static String parse(String line) {
    return Signature.parse(0, line).toString();
  }

  /** Returns a record of the completion ring whose payload is not inline. */
  public static byte[] external(int outcome, long ticket, int length) {
    ByteBuffer words = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.nativeOrder());
    words.put(RecordLayout.COMPLETION_OUTCOME, (byte) outcome);
    words.put(RecordLayout.COMPLETION_OUTCOME + 1, (byte) RecordLayout.EXTERNAL_PAYLOAD);
    words.putInt(RecordLayout.COMPLETION_PAYLOAD_LENGTH, length);
    words.putLong(RecordLayout.COMPLETION_PAYLOAD, ticket);
    return words.array();
  }

  // The dispatcher of the second port; on any one thread.

  /** The outcome of a record: slot and generation, kind of outcome, bytes inline, and flags. */
  public record Outcome(
      int slot, int generation, int kind, int inlineLength, int flags, long word) {}

  /** Submits a record to the second port. */
  public void submit(byte[] bytes) {
    int at = submissions.claim();
    memory.put(at, bytes, 0, RECORD_BYTES);
    submissions.add();
    submissions.ring();
    Native.portWake(host.state.config.library(), port);
  }

  /** Returns the record of a call with two numbers. */
  public static byte[] call(int function, int slot, int generation, long a, long b) {
    ByteBuffer words = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.nativeOrder());
    words.put(0, (byte) RecordLayout.CALL);
    words.putShort(2, (short) 16);
    words.putInt(4, function);
    words.putInt(RecordLayout.SUBMISSION_SLOT, slot);
    words.putInt(RecordLayout.SUBMISSION_GENERATION, generation);
    words.putLong(RecordLayout.SUBMISSION_ARGUMENTS, a);
    words.putLong(RecordLayout.SUBMISSION_ARGUMENTS + 8, b);
    return words.array();
  }

  /** Returns the index of a function in its library's description. */
  public int number(String function) {
    int id = 0;
    while (!host.state.config.signature(id).name.equals(function)) {
      id++;
    }
    return id;
  }

  /** Returns the outcomes that the second port has published since, and releases their payloads. */
  public List<Outcome> answers() {
    List<Outcome> answers = new ArrayList<>();
    while (completions.isReady()) {
      int at = completions.offset();
      int head = memory.getInt(at + RecordLayout.COMPLETION_OUTCOME);
      Outcome outcome =
          new Outcome(
              memory.getInt(at + RecordLayout.COMPLETION_SLOT),
              memory.getInt(at + RecordLayout.COMPLETION_GENERATION),
              head & 0xff,
              head >>> 16,
              head >> 8 & 0xff,
              memory.getLong(at + RecordLayout.COMPLETION_PAYLOAD));
      completions.advance();
      completions.idle();
      answers.add(outcome);
      if ((outcome.flags() & RecordLayout.EXTERNAL_PAYLOAD) != 0) {
        Native.payloadRelease(host.state.config.library(), port, outcome.word());
      }
    }
    return answers;
  }

  /** Closes the second port. */
  @Override
  public void close() {
    Native.portClose(host.state.config.library(), port);
  }
}
