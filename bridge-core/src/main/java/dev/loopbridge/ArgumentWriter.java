package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the arguments of calls and the answers of handlers into records. Owner loop only.
 *
 * <p>The arguments of a call go one of four ways:
 *
 * <ol>
 *   <li>Numbers and booleans that fit are written straight into the record ({@link #writeFixed}).
 *       This is the most frequent way, so it does nothing that only the other two need: it measures
 *       nothing, and nothing of it can fail.
 *   <li>Other arguments that fit are written into the record as well. Strings and bytes are copied
 *       there, so that nothing has to be released later.
 *   <li>Arguments that do not fit there, but into the cell of the call's slot, are copied into that
 *       ({@link Cells}). Nothing has to be released later either.
 *   <li>Longer arguments go into one block of direct memory, and the record has the block's address
 *       and length. The block is lent: Rust reads it in place, and Java releases it when Rust's
 *       record frees it (rule 8). Bytes are lent as well and are not copied into the block if they
 *       lie in one direct buffer; other bytes are copied once, into a direct buffer.
 * </ol>
 *
 * <p>An answer is never lent, since it has no slot that could keep the memory until Rust frees it.
 * An answer that does not fit into its record is copied into memory of Rust's ({@link
 * Native#payloadGive}).
 *
 * <p>A failure in the middle must leave nothing behind. So {@link LentMemory} lists the buffers
 * that a write has lent and {@link ValueWriter} the handlers and objects that it has passed, and a
 * write that fails releases all of them. One instance of each belongs to a port and keeps its list,
 * so that a call allocates none.
 */
final class ArgumentWriter {

  private final PortConfig config;
  private final Measure measure = new Measure();
  private final LentMemory lent;
  private final ValueWriter values;
  private final Cells cells;

  ArgumentWriter(PortConfig config, ObjectTable objects, Cells cells) {
    this.config = config;
    lent = new LentMemory(config.library());
    this.cells = cells;
    values = new ValueWriter(config, objects, lent);
  }

  // Calls.

  /**
   * Writes function, flags, length and arguments of the submission record at {@code offset}, which
   * is for a call in this slot.
   *
   * @return what the call lends or keeps, to be released when Rust has freed it ({@link
   *     LentMemory#take}); on failure nothing stays lent
   */
  @Nullable Object write(
      Signature signature, @Nullable Object[] arguments, ByteBuffer memory, int offset, int slot) {
    ValueType.Kind @Nullable [] kinds = signature.fixedKinds;
    if (kinds != null && signature.fixedLength <= RecordLayout.SUBMISSION_INLINE_BYTES) {
      writeFixed(kinds, arguments, memory, offset + RecordLayout.SUBMISSION_ARGUMENTS);
      header(memory, offset, signature.id, 0, signature.fixedLength);
      return null;
    }
    return writeAny(signature, arguments, memory, offset, slot);
  }

  /** Writes arguments of fixed sizes, whose classes were checked when the call was made. */
  private static void writeFixed(
      ValueType.Kind[] kinds, Object[] arguments, ByteBuffer memory, int start) {
    int at = start;
    for (int i = 0; i < kinds.length; i++) {
      Object value = arguments[i];
      switch (kinds[i]) {
        case BOOL -> memory.put(at++, (byte) ((Boolean) value ? 1 : 0));
        case I8, U8 -> memory.put(at++, ((Number) value).byteValue());
        case I16, U16 -> {
          memory.putShort(at, ((Number) value).shortValue());
          at += 2;
        }
        case I32, CHAR -> {
          memory.putInt(at, (Integer) value);
          at += 4;
        }
        case U32 -> {
          memory.putInt(at, ((Long) value).intValue());
          at += 4;
        }
        case F32 -> {
          memory.putFloat(at, (Float) value);
          at += 4;
        }
        case I64, U64 -> {
          putLong(memory, at, (Long) value);
          at += 8;
        }
        case F64 -> {
          putLong(memory, at, Double.doubleToRawLongBits((Double) value));
          at += 8;
        }
        default -> throw new IllegalStateException(kinds[i] + " has no fixed size");
      }
    }
  }

  /** Writes a long; as one word where it is aligned, like the other words of a record. */
  private static void putLong(ByteBuffer memory, int at, long value) {
    if ((at & 7) == 0) {
      RecordLayout.word(memory, at, value);
    } else {
      memory.putLong(at, value);
    }
  }

  /** Writes arguments of any kind: measures first, since the length decides where they go. */
  private @Nullable Object writeAny(
      Signature signature, @Nullable Object[] arguments, ByteBuffer memory, int offset, int slot) {
    List<ValueType> types = signature.arguments;
    values.begin();
    try {
      measure.of(types, arguments);
      long inline = measure.copied;
      int target = offset + RecordLayout.SUBMISSION_ARGUMENTS;
      if (inline <= RecordLayout.SUBMISSION_INLINE_BYTES) { // seed M30
        values.write(types, arguments, memory, target, false);
        header(memory, offset, signature.id, portFlag(), (int) inline);
        return lent.take();
      }
      requireSmallEnough();
      if (cells.hasRoomFor(inline, slot)) {
        values.write(types, arguments, memory, cells.offset(slot), false);
        int flags = portFlag() | RecordLayout.CELL_ARGUMENTS;
        header(memory, offset, signature.id, flags, (int) inline);
        return lent.take();
      }
      writeBlock(types, arguments, memory, target);
      header(memory, offset, signature.id, portFlag() | RecordLayout.EXTERNAL_ARGUMENTS, 0);
      return lent.take();
    } catch (Throwable e) {
      lent.releaseAll();
      values.dropPassed();
      throw e;
    }
  }

  /** Writes arguments into a lent block, and its address and length into the record. */
  private void writeBlock(
      List<ValueType> types, @Nullable Object[] arguments, ByteBuffer memory, int target) {
    int length = Math.toIntExact(measure.block);
    ByteBuf block = lent.block(length);
    ByteBuffer content = block.nioBuffer(0, length).order(ByteOrder.nativeOrder());
    values.write(types, arguments, content, 0, true);
    memory.putLong(target, lent.addressOf(block, 0, length));
    memory.putLong(target + 8, length);
  }

  /** Writes the head of a call's record in two halves of one word. */
  private static void header(
      ByteBuffer memory, int offset, int function, int flags, int inlineLength) {
    int head = RecordLayout.CALL | flags << 8 | inlineLength << 16;
    RecordLayout.word(memory, offset, RecordLayout.halves(head, function));
  }

  private int portFlag() {
    return values.needsPort() ? RecordLayout.NEEDS_PORT : 0;
  }

  /** Refuses values beyond the limit, before anything of them is copied. */
  private void requireSmallEnough() {
    if (measure.payload > config.maxPayloadBytes()) {
      throw new PayloadTooLargeException(
          "the arguments take "
              + measure.payload
              + " bytes, allowed are "
              + config.maxPayloadBytes()
              + "; raise NativeRuntime.Builder.maxPayloadBytes or send less");
    }
  }

  // What the last call has passed, for a start that fails after its record was written.

  /** Leaves to Rust what the last write has passed. */
  void forgetPassed() {
    values.forgetPassed();
  }

  /** Drops what the last write has passed, since Rust never got it. */
  void dropPassed() {
    values.dropPassed();
  }

  // Answers.

  /**
   * Writes an answer to an invocation, whose record begins at {@code offset}. The limit on payloads
   * holds for values only: the text of an error has a bound of its own ({@link Answers}).
   */
  void writeAnswer(
      int how,
      List<ValueType> types,
      @Nullable Object[] answer,
      ByteBuffer memory,
      int offset,
      long port) {
    boolean limited = how == RecordLayout.ANSWER_VALUE;
    int place = place(types, answer, memory, offset, port, limited);
    RecordLayout.word(memory, offset, RecordLayout.halves(RecordLayout.ANSWER | place, how));
  }

  /**
   * Writes a call that answers an invocation, whose record begins at {@code offset}. Nothing is
   * lent, since the call has no slot that could keep the memory until Rust frees it.
   */
  void writeRelay(
      Signature signature, @Nullable Object[] arguments, ByteBuffer memory, int offset, long port) {
    values.beginRelay(port);
    try {
      int place = place(signature.arguments, arguments, memory, offset, port, true);
      int head = RecordLayout.RELAY | place | portFlag() << 8;
      RecordLayout.word(memory, offset, RecordLayout.halves(head, signature.id));
    } catch (Throwable e) {
      values.dropPassed();
      throw e;
    } finally {
      lent.releaseAll(); // Rust has references of its own to the objects
    }
  }

  /**
   * Writes values into the record or, if they do not fit, copies them into memory of Rust's and
   * writes its ticket. Giving the memory comes last, so that nothing after it can fail and leak it.
   *
   * @return the flags and the inline length, at their places in the record's head
   */
  private int place(
      List<ValueType> types,
      @Nullable Object[] given,
      ByteBuffer memory,
      int offset,
      long port,
      boolean limited) {
    measure.of(types, given);
    long length = measure.copied;
    int target = offset + RecordLayout.SUBMISSION_ARGUMENTS;
    if (length <= RecordLayout.SUBMISSION_INLINE_BYTES) {
      values.write(types, given, memory, target, false);
      return (int) length << 16;
    }
    if (limited) {
      requireSmallEnough();
    }
    byte[] block = new byte[Math.toIntExact(length)];
    values.write(types, given, ByteBuffer.wrap(block).order(ByteOrder.nativeOrder()), 0, false);
    RecordLayout.word(memory, target, Native.payloadGive(config.library(), port, block));
    return RecordLayout.EXTERNAL_ARGUMENTS << 8;
  }
}
