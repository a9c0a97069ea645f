package dev.loopbridge;

import dev.loopbridge.spi.DataReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one call, or a request of Rust's, read from its completion record.
 *
 * <p>A result that fits into the record is inline. A larger one is copied out of the cell of the
 * call's slot, or is a payload: memory of Rust's, which the record names by a ticket. Each ticket
 * must be taken or released exactly once, or the port keeps its memory for ever. So {@link
 * #release} follows each callback and each request, and frees a payload that was not taken.
 *
 * <p>A port loads one instance again for each record, so that an outcome allocates nothing. Its
 * value is therefore read before any code of the user's runs, which may start a nested call, and no
 * reference to the instance is kept.
 *
 * <p>The record comes from native memory. Each length in it is checked before it is used, so that a
 * wrong one fails this call alone.
 */
final class NativeResult {

  private static final VarHandle INLINE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder())
          .withInvokeExactBehavior();

  final PortState port;
  final LoopSteps steps;

  /** The bytes of the record, or of the call's cell. */
  private final byte[] inline = new byte[RecordLayout.CELL_BYTES];

  private final ByteBuffer read = ByteBuffer.wrap(inline).order(ByteOrder.nativeOrder());

  private int outcome;
  private int flags;
  private int inlineLength;
  private int slot;
  private int generation;

  /** Whether the payload, or the object of Rust's, has an owner or is released. */
  private boolean payloadTaken;

  /** Whether the table of calls has handled this outcome, so that it must not be handled again. */
  boolean settled;

  /**
   * The signature of the function, or of the handler's argument, if {@link #hasSignature}; else
   * that of an earlier record. It is not cleared, and not stored again if it is the same, since
   * storing a reference into an old object costs the garbage collector more than the rest of a
   * call.
   */
  private @Nullable Signature signature;

  private boolean hasSignature;

  /** The error, once it was made or given; null before. */
  private @Nullable Throwable failure;

  NativeResult(PortState port, LoopSteps steps) {
    this.port = port;
    this.steps = steps;
  }

  /**
   * Copies the record, so that its place in the ring is free before any callback runs. A callback
   * may start calls, and Rust needs the places for their outcomes (rule 5).
   */
  void load(ByteBuffer memory, int offset) {
    long head = RecordLayout.word(memory, offset + RecordLayout.COMPLETION_OUTCOME);
    outcome = (byte) head;
    flags = (byte) (head >> 8);
    int length = (int) (head >> 16) & 0xffff;
    inlineLength = Math.min(length, RecordLayout.COMPLETION_INLINE_BYTES);
    slot = (int) (head >> 32);
    long name = RecordLayout.word(memory, offset + RecordLayout.COMPLETION_GENERATION);
    generation = (int) name;
    if (isInCell()) {
      inlineLength = port.cells.read(slot, length, inline);
    } else if (inlineLength <= Long.BYTES && outcome < RecordLayout.INVOKE) {
      // One word is all that most outcomes have. A request is copied whole, since its invocation
      // lies behind the argument.
      INLINE.set(inline, 0, RecordLayout.word(memory, offset + RecordLayout.COMPLETION_PAYLOAD));
    } else {
      memory.get(
          offset + RecordLayout.COMPLETION_PAYLOAD,
          inline,
          0,
          RecordLayout.COMPLETION_INLINE_BYTES);
    }
    payloadTaken = false;
    settled = false;
    hasSignature = false;
    failure = null;
  }

  /** Copies a record of a call that has returned a value of one word, as {@link #load} does. */
  void loadWord(ByteBuffer memory, int offset, Signature of) {
    long head = RecordLayout.word(memory, offset + RecordLayout.COMPLETION_OUTCOME);
    outcome = RecordLayout.VALUE;
    flags = 0;
    inlineLength = (int) (head >> 16) & 0xffff;
    INLINE.set(inline, 0, RecordLayout.word(memory, offset + RecordLayout.COMPLETION_PAYLOAD));
    payloadTaken = false;
    settled = false;
    failure = null;
    signature(of);
  }

  /** Makes this the outcome of a call that Java itself ended. */
  void load(Throwable error) {
    outcome = RecordLayout.ERROR;
    flags = 0;
    payloadTaken = false;
    failure = error;
  }

  void signature(Signature of) {
    if (signature != of) {
      signature = of;
    }
    hasSignature = true;
  }

  @SuppressWarnings("NullAway") // no value is read before its signature is known
  Signature signature() {
    return signature;
  }

  int outcome() {
    return outcome;
  }

  int slot() {
    return slot;
  }

  int generation() {
    return generation;
  }

  /** Returns whether the record is a request of Rust's, not the outcome of a call. */
  boolean isRequest() {
    return (outcome >= RecordLayout.INVOKE && outcome <= RecordLayout.DROP)
        || outcome == RecordLayout.POLL;
  }

  /** The invocation that a request is about. */
  long invocation() {
    return (long) INLINE.get(inline, RecordLayout.REQUEST_INLINE_BYTES);
  }

  /** Makes this the argument of an invocation, which is read like the result of a call. */
  void isArgumentOf(Signature handler) {
    outcome = RecordLayout.VALUE;
    signature(handler);
  }

  boolean isLent() {
    return (flags & RecordLayout.LENT) != 0;
  }

  /** Returns whether the call succeeded. */
  boolean isValue() {
    return outcome == RecordLayout.VALUE;
  }

  /** Returns whether the call succeeded with {@code ()} or {@code None}. */
  boolean isNull() {
    return isValue()
        && (signature().result.kind == ValueType.Kind.UNIT
            || (signature().result.optional && !isRaw() && inline[0] == 0));
  }

  /** The result of a function that returns {@code bool}. */
  boolean booleanValue() {
    return inline[at(ValueType.Kind.BOOL)] != 0;
  }

  /** The result of a function that returns {@code i32}. */
  int intValue() {
    return read.getInt(at(ValueType.Kind.I32));
  }

  /** The result of a function that returns {@code i64}. */
  long longValue() {
    return (long) INLINE.get(inline, at(ValueType.Kind.I64));
  }

  /** The result of a function that returns {@code f64}. */
  double doubleValue() {
    return read.getDouble(at(ValueType.Kind.F64));
  }

  /** Reads a number, or data, from this record: before another is loaded. */
  DataReader reader(ValueType.Kind kind) {
    int at = at(kind);
    if (kind != ValueType.Kind.DATA) {
      return new DataReader(inline, at, signature().result.sizeOfValue());
    }
    if (isInCell()) {
      return new DataReader(inline, 0, inlineLength);
    }
    if (isExternal()) {
      byte[] payload = takePayload();
      return new DataReader(payload, 0, payload.length);
    }
    return new DataReader(inline, at + 5, inlineContent(at));
  }

  /** The result of a function that returns a string. */
  String stringValue() {
    if (isInCell()) {
      at(ValueType.Kind.STRING);
      return new String(inline, 0, inlineLength, StandardCharsets.UTF_8);
    }
    return new String(content(ValueType.Kind.STRING), StandardCharsets.UTF_8);
  }

  /** The result of a function that returns bytes, as a copy. */
  byte[] bytesValue() {
    return content(ValueType.Kind.BYTES);
  }

  /**
   * The result of a function that returns bytes. A large result is a view of native memory, not a
   * copy, and is read-only, since Rust may still read it. The caller owns and releases the buffer.
   */
  ByteBuf bufferValue() {
    if (!isExternal()) {
      byte[] content = content(ValueType.Kind.BYTES);
      return content.length == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(content);
    }
    at(ValueType.Kind.BYTES);
    PayloadByteBuf buffer = PayloadByteBuf.of(port.nativeHalf, ticket(), name());
    payloadTaken = true; // not before: if the buffer could not be made, release() frees the payload
    return buffer.asReadOnly();
  }

  /** The object of this loop's that Rust has returned; null if the port has it no more. */
  @Nullable Object heldObject() {
    int at = at(ValueType.Kind.REF);
    return port.objects.find(read.getInt(at), read.getInt(at + 4));
  }

  /**
   * The name of an object of Rust's, with the slot in the lower half. It can be taken once: the
   * caller calls {@link #taken} when the object has an owner that drops it.
   */
  long localName() {
    int at = at(ValueType.Kind.LOCAL);
    if (payloadTaken) {
      throw new IllegalStateException("the object of this result was taken already");
    }
    return RecordLayout.halves(read.getInt(at), read.getInt(at + 4));
  }

  /** The ticket of an object of Rust's that all loops may use. It can be taken once, as above. */
  long objectTicket() {
    int at = at(ValueType.Kind.OBJECT);
    if (payloadTaken) {
      throw new IllegalStateException("the object of this result was taken already");
    }
    return read.getLong(at);
  }

  /** The object of Rust's has an owner, so that {@link #release} does not drop it. */
  void taken() {
    payloadTaken = true;
  }

  /** The parts of a tuple, one behind the other. */
  byte[] tupleBytes() {
    at(ValueType.Kind.TUPLE);
    return isExternal() ? takePayload() : Arrays.copyOf(inline, inlineLength);
  }

  /**
   * The error of a failed call; null if the call succeeded. It is made once, since its payload can
   * be taken once only.
   */
  @Nullable Throwable error() {
    if (failure == null && outcome != RecordLayout.VALUE) {
      failure = FailureReader.read(this);
    }
    return failure;
  }

  /** Releases the payload, or drops the object of Rust's, if it was not taken. */
  void release() {
    if (payloadTaken) {
      return;
    }
    if (isExternal()) {
      port.nativeHalf.releasePayload(ticket());
      payloadTaken = true;
    } else if (isOf(ValueType.Kind.LOCAL) && !isNull()) {
      int at = at(ValueType.Kind.LOCAL);
      payloadTaken = true;
      port.releaseLocal(read.getInt(at), read.getInt(at + 4));
    } else if (isOf(ValueType.Kind.OBJECT) && !isNull()) {
      long ticket = objectTicket();
      payloadTaken = true;
      port.closeObject(ticket);
    }
  }

  private boolean isOf(ValueType.Kind kind) {
    return isValue() && hasSignature && signature().result.kind == kind;
  }

  /** Returns whether the content is a payload, not in the record. */
  boolean isExternal() {
    return (flags & RecordLayout.EXTERNAL_PAYLOAD) != 0;
  }

  private boolean isInCell() {
    return (flags & RecordLayout.CELL_PAYLOAD) != 0;
  }

  /**
   * Returns whether the content, if it is a string or bytes, is that alone, without form, length
   * and presence.
   */
  boolean isRaw() {
    return isExternal() || isInCell();
  }

  private long ticket() {
    if (payloadTaken) {
      throw new IllegalStateException("the payload of this result was taken already");
    }
    return read.getLong(0);
  }

  /** Returns where an inline value starts; refuses a failed call and a result of another kind. */
  private int at(ValueType.Kind kind) {
    if (!isValue() || signature().result.kind != kind) {
      throw new IllegalStateException(
          isValue()
              ? "the result of " + signature + " is not " + kind.rustName
              : "the call failed: " + error());
    }
    return signature().result.optional ? 1 : 0;
  }

  /** Returns a copy of the string or bytes, from the record or from the payload. */
  private byte[] content(ValueType.Kind kind) {
    int at = at(kind);
    if (isExternal()) {
      return takePayload();
    }
    if (isInCell()) {
      return Arrays.copyOf(inline, inlineLength);
    }
    return Arrays.copyOfRange(inline, at + 5, at + 5 + inlineContent(at));
  }

  /** Returns the length of the content that lies in the record, with its form at {@code at}. */
  private int inlineContent(int at) {
    int length = read.getInt(at + 1);
    if (length < 0 || length > inlineLength - (at + 5)) {
      throw unreadable();
    }
    return length;
  }

  private byte[] takePayload() {
    long ticket = ticket();
    payloadTaken = true; // first: Rust releases it even if the heap has no room for the copy
    return port.nativeHalf.takePayload(ticket);
  }

  /** The name of the function, for messages. */
  String name() {
    return hasSignature ? signature().name : "the call";
  }

  /** The bytes of a result that was too large to be sent. */
  long refusedBytes() {
    return read.getLong(0);
  }

  /** Returns the texts of an error, from the payload or a view of the record. */
  ByteBuffer errorBytes() {
    return isExternal()
        ? ByteBuffer.wrap(takePayload()).order(ByteOrder.nativeOrder())
        : ByteBuffer.wrap(inline, 0, inlineLength).slice().order(ByteOrder.nativeOrder());
  }

  /** Returns the error of a record that contradicts itself. */
  IllegalStateException unreadable() {
    return new IllegalStateException("the outcome of " + name() + " cannot be read");
  }
}
