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
 * Writes a call's arguments: into the record when they fit, else into a block of direct memory that
 * is lent until Rust has let go of it. Byte arguments that do not fit are lent where they are if
 * they lie in one direct buffer, and copied once into direct memory if not.
 *
 * <p>Owner loop only; one instance for each port, with no state between calls.
 */
final class ArgumentWriter {

  private final int library;
  private final int maxPayloadBytes;
  private final Handlers handlers;

  // Valid during write().
  private final ArrayList<Integer> passed = new ArrayList<>(2);
  private ByteBuf[] lent = new ByteBuf[4];
  private int lentCount;
  private boolean needsPort;
  private long payloadBytes;

  ArgumentWriter(int library, int maxPayloadBytes, Handlers handlers) {
    this.library = library;
    this.handlers = handlers;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * Writes function, flags, length and arguments of the submission record at {@code offset}.
   *
   * @return what was lent, to be released when Rust has let go of it: null, a {@link ByteBuf} or an
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

  private static void putLong(ByteBuffer memory, int at, long value) {
    if ((at & 7) == 0) {
      RecordLayout.word(memory, at, value);
    } else {
      memory.putLong(at, value);
    }
  }

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

  /** Takes back the handlers and objects of the call that was written last. */
  void dropPassed() {
    for (int i = passed.size() - 1; i >= 0; i--) {
      int slot = passed.remove(i);
      handlers.drop(slot, handlers.generation(slot));
    }
  }

  /**
   * Writes an answer to an invocation, whose record begins at {@code offset}; what does not fit
   * into the record is copied into native memory.
   */
  void writeAnswer(
      int how, List<ValueType> types, Object[] values, ByteBuffer memory, int offset, long port) {
    boolean limited = how == RecordLayout.ANSWER_VALUE;
    int place = place(types, values, memory, offset, port, limited);
    RecordLayout.word(memory, offset, RecordLayout.halves(RecordLayout.ANSWER | place, how));
  }

  /**
   * Writes a call that answers an invocation, whose record begins at {@code offset}. Nothing is
   * lent: what does not fit into the record is copied into native memory.
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

  /** Writes values into a record, or gives them; flags and length as a record's head has them. */
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

  private void header(ByteBuffer memory, int offset, int function, int flags, int inlineLength) {
    int all = flags | (needsPort ? RecordLayout.NEEDS_PORT : 0);
    int head = RecordLayout.CALL | all << 8 | inlineLength << 16;
    RecordLayout.word(memory, offset, RecordLayout.halves(head, function));
  }

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
   * The bytes needed when everything is in the record; more than a record holds if something is too
   * large for that.
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

  private int blockLength(List<ValueType> types, Object[] arguments) {
    long length = 0;
    for (int i = 0; i < arguments.length; i++) {
      long content = contentLength(arguments[i]);
      checkPayload(content);
      boolean isLent = content > 0 && !(arguments[i] instanceof String);
      // Lent bytes put an address of 8 bytes where inline ones put themselves.
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

  private int name(NativeRef reference, ByteBuffer target, int at) {
    reference.requireUsableOn(handlers.port());
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

  private int lendBytes(Object value, ByteBuffer target, int at) {
    int length = value instanceof ByteBuf given ? given.readableBytes() : ((byte[]) value).length;
    if (length == 0) {
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
   * Gives back what {@link #write} returned. Never throws: a buffer that its owner released too
   * often is logged.
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

    /** More than an {@code int} holds for the longest strings. */
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
