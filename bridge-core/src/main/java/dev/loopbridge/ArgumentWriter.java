package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes the arguments of calls and the answers of handlers into records. Owner loop only.
 *
 * <p>The arguments of a call go one of three ways:
 *
 * <ol>
 *   <li>Numbers and booleans that fit are written straight into the record ({@link #writeFixed}).
 *       This is the most frequent way, so it does nothing that only the other two need.
 *   <li>Other arguments that fit are written into the record as well. Strings and bytes are copied
 *       there, so that nothing has to be released later.
 *   <li>Arguments that do not fit go into one block of direct memory, and the record has the
 *       block's address and length. The block is lent: Rust reads it in place, and Java releases it
 *       when Rust's record frees it (rule 8). Bytes are lent as well and are not copied into the
 *       block if they lie in one direct buffer; other bytes are copied once, into a direct buffer.
 * </ol>
 *
 * <p>An answer is never lent, since it has no slot that could keep the memory until Rust frees it.
 * An answer that does not fit into its record is copied into memory of Rust's ({@link
 * Native#payloadGive}).
 *
 * <p>A failure in the middle must leave nothing behind. So each write keeps a list of the buffers
 * it has lent and of the handlers and objects it has passed, and releases all of them if it fails.
 * One instance belongs to each port and keeps these lists, so that a call allocates none.
 */
final class ArgumentWriter {

  private final int library;
  private final int maxPayloadBytes;
  private final Handlers handlers;

  // The state of one write. Only `passed` is read after it, by dropPassed().

  /** The slots of the handlers and objects that the last write has passed. */
  private final ArrayList<Integer> passed = new ArrayList<>(2);

  /** The buffers that this write has lent, with one reference to each. */
  private ByteBuf[] lent = new ByteBuf[4];

  private int lentCount;

  /**
   * Whether an argument lends memory or names an object of this loop's: Rust needs the port then.
   */
  private boolean needsPort;

  /** The bytes of strings and byte arguments so far, for the limit on payloads. */
  private long payloadBytes;

  ArgumentWriter(int library, int maxPayloadBytes, Handlers handlers) {
    this.library = library;
    this.handlers = handlers;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * Writes function, flags, length and arguments of the submission record at {@code offset}.
   *
   * @return the lent memory, to be released when Rust has freed it: null, a {@link ByteBuf} or an
   *     array of them; on failure nothing stays lent
   */
  Object write(Signature signature, Object[] arguments, ByteBuffer memory, int offset) {
    ValueType.Kind[] kinds = signature.fixedKinds;
    if (kinds != null && signature.fixedLength <= RecordLayout.SUBMISSION_INLINE_BYTES) {
      writeFixed(kinds, arguments, memory, offset + RecordLayout.SUBMISSION_ARGUMENTS);
      header(memory, offset, signature.id, 0, signature.fixedLength);
      return null;
    }
    return writeAny(signature, arguments, memory, offset);
  }

  /** Writes arguments of fixed sizes, whose classes were checked when the call was made. */
  private static void writeFixed(
      ValueType.Kind[] kinds, Object[] arguments, ByteBuffer memory, int start) {
    int at = start;
    for (int i = 0; i < kinds.length; i++) {
      Object value = arguments[i];
      switch (kinds[i]) {
        case BOOL -> memory.put(at++, (byte) ((Boolean) value ? 1 : 0));
        case I32 -> {
          memory.putInt(at, (Integer) value);
          at += 4;
        }
        case I64 -> {
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
  private Object writeAny(Signature signature, Object[] arguments, ByteBuffer memory, int offset) {
    lentCount = 0;
    needsPort = false;
    payloadBytes = 0;
    passed.clear();
    try {
      int inline = inlineLength(signature.arguments, arguments);
      int target = offset + RecordLayout.SUBMISSION_ARGUMENTS;
      if (inline <= RecordLayout.SUBMISSION_INLINE_BYTES) { // seed M30
        write(signature.arguments, arguments, memory, target, true);
        header(memory, offset, signature.id, 0, inline);
      } else {
        writeBlock(signature.arguments, arguments, memory, target);
        header(memory, offset, signature.id, RecordLayout.EXTERNAL_ARGUMENTS, 0);
      }
      needsPort = false;
      return takeLent();
    } catch (Throwable e) {
      needsPort = false;
      for (int i = 0; i < lentCount; i++) {
        ReferenceCountUtil.safeRelease(lent[i]);
        lent[i] = null;
      }
      dropPassed();
      throw e;
    }
  }

  /** Leaves to Rust what the last write has passed. */
  void forgetPassed() {
    passed.clear();
  }

  /** Drops the handlers and objects that the last write has passed, since Rust never got them. */
  void dropPassed() {
    for (int i = passed.size() - 1; i >= 0; i--) {
      int slot = passed.remove(i);
      handlers.drop(slot, handlers.generation(slot));
    }
  }

  /**
   * Writes an answer to an invocation, whose record begins at {@code offset}. The limit on payloads
   * holds for values only: the text of an error has a bound of its own ({@link Handlers}).
   */
  void writeAnswer(
      int how, List<ValueType> types, Object[] values, ByteBuffer memory, int offset, long port) {
    boolean limited = how == RecordLayout.ANSWER_VALUE;
    int place = place(types, values, memory, offset, port, limited);
    RecordLayout.word(memory, offset, RecordLayout.halves(RecordLayout.ANSWER | place, how));
  }

  /**
   * Writes a call that answers an invocation, whose record begins at {@code offset}. Nothing is
   * lent, since the call has no slot that could keep the memory until Rust frees it.
   */
  void writeRelay(
      Signature signature, Object[] arguments, ByteBuffer memory, int offset, long port) {
    needsPort = false;
    passed.clear();
    try {
      int place = place(signature.arguments, arguments, memory, offset, port, true);
      int head = RecordLayout.RELAY | place | (needsPort ? RecordLayout.NEEDS_PORT : 0) << 8;
      RecordLayout.word(memory, offset, RecordLayout.halves(head, signature.id));
    } catch (Throwable e) {
      dropPassed();
      throw e;
    } finally {
      needsPort = false;
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
      Object[] values,
      ByteBuffer memory,
      int offset,
      long port,
      boolean limited) {
    int inline = inlineLength(types, values);
    if (inline <= RecordLayout.SUBMISSION_INLINE_BYTES) {
      write(types, values, memory, offset + RecordLayout.SUBMISSION_ARGUMENTS, true);
      return inline << 16;
    }
    payloadBytes = 0;
    long length = 0;
    for (int i = 0; i < values.length; i++) {
      long content = contentLength(values[i]);
      if (limited) {
        checkPayload(content);
      }
      length += fixedLength(types.get(i), values[i]) + content;
    }
    byte[] block = new byte[Math.toIntExact(length)];
    write(types, values, ByteBuffer.wrap(block).order(ByteOrder.nativeOrder()), 0, true);
    long ticket = Native.payloadGive(library, port, block);
    RecordLayout.word(memory, offset + RecordLayout.SUBMISSION_ARGUMENTS, ticket);
    return RecordLayout.EXTERNAL_ARGUMENTS << 8;
  }

  /** Writes the head of a call's record in two halves of one word. */
  private void header(ByteBuffer memory, int offset, int function, int flags, int inlineLength) {
    int all = flags | (needsPort ? RecordLayout.NEEDS_PORT : 0);
    int head = RecordLayout.CALL | all << 8 | inlineLength << 16;
    RecordLayout.word(memory, offset, RecordLayout.halves(head, function));
  }

  /**
   * Writes arguments into a lent block, and its address and length into the record. The block is in
   * the list of lent buffers before anything is written to it, so that a failure releases it.
   */
  private void writeBlock(
      List<ValueType> types, Object[] arguments, ByteBuffer memory, int target) {
    int length = blockLength(types, arguments);
    ByteBuf block = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
    lend(block);
    write(types, arguments, block.nioBuffer(0, length).order(ByteOrder.nativeOrder()), 0, false);
    memory.putLong(target, addressOf(block, 0, length));
    memory.putLong(target + 8, length);
  }

  /**
   * Returns the bytes of the values if all are inline. Returns one byte more than a record holds if
   * they do not fit, which also keeps the sum from an overflow.
   */
  private int inlineLength(List<ValueType> types, Object[] arguments) {
    long length = 0;
    for (int i = 0; i < arguments.length; i++) {
      length += fixedLength(types.get(i), arguments[i]) + contentLength(arguments[i]);
      if (length > RecordLayout.SUBMISSION_INLINE_BYTES) {
        return RecordLayout.SUBMISSION_INLINE_BYTES + 1;
      }
    }
    return (int) length;
  }

  /**
   * Returns the bytes of the block; refuses arguments beyond the limit before anything is copied.
   */
  private int blockLength(List<ValueType> types, Object[] arguments) {
    long length = 0;
    for (int i = 0; i < arguments.length; i++) {
      long content = contentLength(arguments[i]);
      checkPayload(content);
      boolean isLent = content > 0 && !(arguments[i] instanceof String);
      // Lent bytes take 8 bytes of the block, for their address; a string lies in it.
      length += fixedLength(types.get(i), arguments[i]) + (isLent ? 8 : content);
    }
    return (int) length;
  }

  private void checkPayload(long bytes) {
    payloadBytes += bytes;
    if (payloadBytes > maxPayloadBytes) {
      throw new PayloadTooLargeException(
          "the arguments take "
              + payloadBytes
              + " bytes or more, allowed are "
              + maxPayloadBytes
              + "; raise NativeRuntime.Builder.maxPayloadBytes or send less");
    }
  }

  /** Returns the bytes that a value takes beside its content: the flag, the form, the length. */
  private static int fixedLength(ValueType type, Object value) {
    int option = type.optional ? 1 : 0;
    if (value == null) {
      return option;
    }
    return option
        + switch (type.kind) {
          case UNIT -> 0;
          case BOOL -> 1;
          case I32 -> 4;
          case I64, F64 -> 8;
          case STRING, BYTES -> 5;
          case REF, LOCAL -> 8;
          case HANDLER -> 12;
          case TUPLE -> throw new IllegalStateException("a tuple is no argument of Rust's");
        };
  }

  /** Returns the bytes of a string in UTF-8 or of a byte argument; 0 for any other value. */
  private static long contentLength(Object value) {
    if (value instanceof String text) {
      return Utf8.length(text);
    } else if (value instanceof ByteBuf bytes) {
      return bytes.readableBytes();
    } else if (value instanceof byte[] bytes) {
      return bytes.length;
    }
    return 0;
  }

  /**
   * Writes values one behind the other, without padding, as the Rust twin reads them.
   *
   * @param inline whether bytes are copied; else they are lent
   */
  private void write(
      List<ValueType> types, Object[] arguments, ByteBuffer target, int start, boolean inline) {
    int at = start;
    for (int i = 0; i < arguments.length; i++) {
      ValueType type = types.get(i);
      Object value = arguments[i];
      if (type.optional) {
        target.put(at++, (byte) (value == null ? 0 : 1));
        if (value == null) {
          continue;
        }
      }
      switch (type.kind) {
        case UNIT -> {}
        case BOOL -> target.put(at++, (byte) ((Boolean) value ? 1 : 0));
        case I32 -> {
          target.putInt(at, (Integer) value);
          at += 4;
        }
        case I64 -> {
          target.putLong(at, (Long) value);
          at += 8;
        }
        case F64 -> {
          target.putDouble(at, (Double) value);
          at += 8;
        }
        case REF -> at = pass((LoopRef<?>) value, target, at);
        case LOCAL -> at = name((NativeRef) value, target, at);
        case HANDLER -> at = pass((JavaHandler<?, ?>) value, type, target, at);
        case STRING -> at = writeString((String) value, target, at);
        case BYTES -> at = inline ? writeBytes(value, target, at) : lendBytes(value, target, at);
      }
    }
  }

  // The list of passed slots gets its room before handlers.pass(): if the heap is full, the slot is
  // not taken, else it would be missing from the list and stay taken for ever.

  private int pass(JavaHandler<?, ?> handler, ValueType type, ByteBuffer target, int at) {
    passed.ensureCapacity(passed.size() + 1);
    int after = passed(handlers.pass(handler, type), target, at);
    target.putInt(after, handler.atOnce);
    return after + 4;
  }

  private int pass(LoopRef<?> reference, ByteBuffer target, int at) {
    passed.ensureCapacity(passed.size() + 1);
    return passed(handlers.pass(reference), target, at);
  }

  /** Writes the name of an object of Rust's, which must live on this port's loop. */
  private int name(NativeRef reference, ByteBuffer target, int at) {
    reference.requireUsableOn(handlers.port().state);
    target.putInt(at, reference.slot);
    target.putInt(at + 4, reference.generation);
    return at + 8;
  }

  private int passed(int slot, ByteBuffer target, int at) {
    passed.add(slot);
    needsPort = true;
    target.putInt(at, slot);
    target.putInt(at + 4, handlers.generation(slot));
    return at + 8;
  }

  private static int writeString(String text, ByteBuffer target, int at) {
    target.put(at, RecordLayout.FORM_INLINE);
    int end = Utf8.write(text, target, at + 5);
    target.putInt(at + 1, end - (at + 5));
    return end;
  }

  private static int writeBytes(Object value, ByteBuffer target, int at) {
    int length;
    target.put(at, RecordLayout.FORM_INLINE);
    if (value instanceof byte[] bytes) {
      length = bytes.length;
      target.put(at + 5, bytes);
    } else {
      ByteBuf bytes = (ByteBuf) value;
      length = bytes.readableBytes();
      if (target.hasArray()) {
        bytes.getBytes(bytes.readerIndex(), target.array(), target.arrayOffset() + at + 5, length);
      } else {
        for (int i = 0; i < length; i++) {
          target.put(at + 5 + i, bytes.getByte(bytes.readerIndex() + i));
        }
      }
    }
    target.putInt(at + 1, length);
    return at + 5 + length;
  }

  /**
   * Lends a byte argument and writes its address and length. A direct buffer in one piece is lent
   * where it lies, with a reference of the bridge's own: the caller may release it at any time.
   */
  private int lendBytes(Object value, ByteBuffer target, int at) {
    int length = value instanceof ByteBuf given ? given.readableBytes() : ((byte[]) value).length;
    if (length == 0) { // nothing to lend
      target.put(at, RecordLayout.FORM_INLINE);
      target.putInt(at + 1, 0);
      return at + 5;
    }
    ByteBuf bytes;
    int start;
    if (value instanceof ByteBuf given && given.isDirect() && given.nioBufferCount() == 1) {
      bytes = given.retain();
      lend(bytes);
      start = given.readerIndex();
    } else {
      bytes = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
      lend(bytes);
      start = 0;
      if (value instanceof byte[] array) {
        bytes.writeBytes(array);
      } else {
        ByteBuf given = (ByteBuf) value;
        bytes.writeBytes(given, given.readerIndex(), length);
      }
    }
    needsPort = true;
    target.put(at, RecordLayout.FORM_LENT);
    target.putLong(at + 1, addressOf(bytes, start, length));
    target.putInt(at + 9, length);
    return at + 13;
  }

  /** Returns an address; of a buffer that hides its own, Rust finds it by the JNI. */
  private long addressOf(ByteBuf buffer, int index, int length) {
    return buffer.hasMemoryAddress()
        ? buffer.memoryAddress() + index
        : Native.address(library, buffer.nioBuffer(index, length));
  }

  private void lend(ByteBuf buffer) {
    if (lentCount == lent.length) {
      lent = Arrays.copyOf(lent, lentCount * 2);
    }
    lent[lentCount++] = buffer;
  }

  private Object takeLent() {
    if (lentCount == 0) {
      return null;
    }
    Object taken = lentCount == 1 ? lent[0] : Arrays.copyOf(lent, lentCount);
    Arrays.fill(lent, 0, lentCount, null);
    return taken;
  }

  /**
   * Releases the memory that {@link #write} returned. Never throws: a buffer that its owner has
   * released too often is logged.
   */
  static void release(Object lent) {
    if (lent instanceof ByteBuf buffer) {
      ReferenceCountUtil.safeRelease(buffer);
    } else if (lent != null) {
      for (ByteBuf buffer : (ByteBuf[]) lent) {
        ReferenceCountUtil.safeRelease(buffer);
      }
    }
  }

  /**
   * Strict UTF-8: a lone surrogate is refused, not replaced, since replacing it would lose data
   * silently.
   */
  private static final class Utf8 {

    /** Returns the bytes; a long, since the longest strings take more than an int holds. */
    static long length(String text) {
      int length = text.length();
      long bytes = length;
      for (int i = 0; i < length; i++) {
        char c = text.charAt(i);
        if (c >= 0x80) {
          bytes += c < 0x800 ? 1 : 2;
          if (Character.isSurrogate(c)) {
            if (!Character.isHighSurrogate(c)
                || i + 1 == length
                || !Character.isLowSurrogate(text.charAt(i + 1))) {
              throw new IllegalArgumentException(
                  "the string has an unpaired surrogate at index "
                      + i
                      + ", which UTF-8 and Rust cannot hold");
            }
            i++; // a pair takes four bytes: two for its chars, two more
          }
        }
      }
      return bytes;
    }

    /** Writes the text and returns its end. ASCII, the most frequent text, needs no copy. */
    static int write(String text, ByteBuffer target, int at) {
      int length = text.length();
      int i = 0;
      for (; i < length && text.charAt(i) < 0x80; i++) {
        target.put(at + i, (byte) text.charAt(i));
      }
      if (i == length) {
        return at + length;
      }
      byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
      target.put(at + i, rest);
      return at + i + rest.length;
    }
  }
}
