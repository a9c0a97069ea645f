package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CancellationException;

/**
 * The outcome of one call, or a request of Rust's, read from its completion record.
 *
 * <p>A result that fits into the record is inline. A larger one is a payload: memory of Rust's,
 * which the record names by a ticket. Each ticket must be taken or released exactly once, or the
 * port keeps its memory for ever. So {@link #release} follows each callback and each request, and
 * frees a payload that was not taken.
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

  private final PortState port;
  private final LoopSteps steps;
  private final byte[] inline = new byte[RecordLayout.COMPLETION_INLINE_BYTES];
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

  /** The signature of the function, or of the handler's argument; null until it is known. */
  private Signature signature;

  /** The error, once it was made or given; null before. */
  private Throwable failure;

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
    inlineLength = Math.min((int) (head >> 16) & 0xffff, inline.length);
    slot = (int) (head >> 32);
    long name = RecordLayout.word(memory, offset + RecordLayout.COMPLETION_GENERATION);
    generation = (int) name;
    if (inlineLength <= Long.BYTES && outcome < RecordLayout.INVOKE) {
      // One word is all that most outcomes have. A request is copied whole, since its invocation
      // lies behind the argument.
      INLINE.set(inline, 0, RecordLayout.word(memory, offset + RecordLayout.COMPLETION_PAYLOAD));
    } else {
      memory.get(offset + RecordLayout.COMPLETION_PAYLOAD, inline);
    }
    payloadTaken = false;
    settled = false;
    signature = null;
    failure = null;
  }

  /** Makes this the outcome of a call that Java itself ended. */
  void load(Throwable error) {
    outcome = RecordLayout.ERROR;
    flags = 0;
    payloadTaken = false;
    failure = error;
  }

  void signature(Signature of) {
    signature = of;
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
    signature = handler;
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
        && (signature.result.kind == ValueType.Kind.UNIT
            || (signature.result.optional && !isExternal() && inline[0] == 0));
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

  /** The result of a function that returns a string. */
  String stringValue() {
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

  /** The result of a function that returns an object of this loop's. */
  LoopRef<?> refValue() {
    int at = at(ValueType.Kind.REF);
    Object found = port.objects.find(read.getInt(at), read.getInt(at + 4));
    return found instanceof LoopRef<?> reference ? reference : null;
  }

  /**
   * The result of a function that returns an object of Rust's. The caller owns and closes it; it
   * can be taken once.
   */
  NativeRef localValue() {
    int at = at(ValueType.Kind.LOCAL);
    if (payloadTaken) {
      throw new IllegalStateException("the object of this result was taken already");
    }
    NativeRef reference =
        NativeRef.of(port, steps, read.getInt(at), read.getInt(at + 4), signature);
    payloadTaken = true; // not before: if no reference could be made, release() drops the object
    return reference;
  }

  /**
   * The error of a failed call; null if the call succeeded. It is made once, since its payload can
   * be taken once only.
   */
  Throwable error() {
    if (failure == null) {
      try {
        failure = readError();
      } catch (BufferUnderflowException e) {
        failure = unreadable();
      }
    }
    return failure;
  }

  private Throwable readError() {
    return switch (outcome) {
      case RecordLayout.VALUE -> null;
      case RecordLayout.ERROR -> nativeException(errorPayload());
      case RecordLayout.THROWN -> thrown(errorPayload());
      case RecordLayout.PANIC -> panicError(errorPayload());
      case RecordLayout.WRONG_LOOP ->
          new WrongLoopException(
              name()
                  + " returned an object of another loop than "
                  + port.loop
                  + ", which owns the call; an object is given back to its own loop only");
      case RecordLayout.CANCELLED ->
          new CancellationException("the Rust future of " + name() + " was cancelled");
      case RecordLayout.CLOSED ->
          new RuntimeClosedException(
              name() + " ended because its runtime was closed while it was in flight");
      case RecordLayout.REFUSED -> new SignatureMismatchException(message());
      case RecordLayout.EXHAUSTED ->
          new SystemLimitException(name() + " was not run: " + message());
      case RecordLayout.TOO_LARGE ->
          new PayloadTooLargeException(
              "the result of "
                  + name()
                  + " takes "
                  + read.getLong(0)
                  + " bytes, allowed are "
                  + port.config.maxPayloadBytes()
                  + "; raise NativeRuntime.Builder.maxPayloadBytes");
      default -> new IllegalStateException("unknown outcome " + outcome + " of " + name());
    };
  }

  private IllegalStateException unreadable() {
    return new IllegalStateException("the outcome of " + name() + " cannot be read");
  }

  /** The value as an object of the class that the function was looked up with. */
  Object value(Class<?> resultClass) {
    if (isNull()) {
      return null;
    }
    return switch (signature.result.kind) {
      case UNIT -> null;
      case BOOL -> booleanValue();
      case I32 -> intValue();
      case I64 -> longValue();
      case F64 -> doubleValue();
      case STRING -> stringValue();
      case BYTES -> bytesAs(resultClass);
      case REF -> refValue();
      case LOCAL -> localValue();
      case TUPLE -> recordValue(resultClass);
      case HANDLER -> throw new IllegalStateException("no function returns a handler");
    };
  }

  private Object recordValue(Class<?> resultClass) {
    at(ValueType.Kind.TUPLE);
    byte[] content = isExternal() ? takePayload() : Arrays.copyOf(inline, inlineLength);
    return RecordClass.of(resultClass).read(signature.result.parts, content);
  }

  private Object bytesAs(Class<?> resultClass) {
    if (resultClass == byte[].class) {
      return bytesValue();
    }
    return resultClass == ByteBuf.class
        ? bufferValue()
        : BytesCodecs.decoded(bytesValue(), resultClass);
  }

  /** Releases the payload, or drops the object of Rust's, if it was not taken. */
  void release() {
    if (payloadTaken) {
      return;
    }
    if (isExternal()) {
      port.nativeHalf.releasePayload(ticket());
      payloadTaken = true;
    } else if (isLocal() && !isNull()) {
      int at = at(ValueType.Kind.LOCAL);
      payloadTaken = true;
      port.releaseLocal(read.getInt(at), read.getInt(at + 4));
    }
  }

  private boolean isLocal() {
    return isValue() && signature != null && signature.result.kind == ValueType.Kind.LOCAL;
  }

  private boolean isExternal() {
    return (flags & RecordLayout.EXTERNAL_PAYLOAD) != 0;
  }

  private long ticket() {
    if (payloadTaken) {
      throw new IllegalStateException("the payload of this result was taken already");
    }
    return read.getLong(0);
  }

  /** Returns where an inline value starts; refuses a failed call and a result of another kind. */
  private int at(ValueType.Kind kind) {
    if (!isValue() || signature.result.kind != kind) {
      throw new IllegalStateException(
          isValue()
              ? "the result of " + signature + " is not " + kind.rustName
              : "the call failed: " + error());
    }
    return signature.result.optional ? 1 : 0;
  }

  /** Returns a copy of the string or bytes, from the record or from the payload. */
  private byte[] content(ValueType.Kind kind) {
    int at = at(kind);
    if (isExternal()) {
      return takePayload();
    }
    int length = read.getInt(at + 1);
    if (length < 0 || length > inlineLength - (at + 5)) {
      throw unreadable();
    }
    return Arrays.copyOfRange(inline, at + 5, at + 5 + length);
  }

  private byte[] takePayload() {
    long ticket = ticket();
    payloadTaken = true; // first: Rust releases it even if the heap has no room for the copy
    return port.nativeHalf.takePayload(ticket);
  }

  private String name() {
    return signature == null ? "the call" : signature.name;
  }

  /** Returns the texts of an error, from the payload or a view of the record. */
  private ByteBuffer errorPayload() {
    return isExternal()
        ? ByteBuffer.wrap(takePayload()).order(ByteOrder.nativeOrder())
        : ByteBuffer.wrap(inline, 0, inlineLength).slice().order(ByteOrder.nativeOrder());
  }

  private String message() {
    ByteBuffer payload = errorPayload();
    // A message in a payload is the text alone; an inline one has form and length like any string.
    if (isExternal()) {
      return StandardCharsets.UTF_8.decode(payload).toString();
    }
    payload.get();
    return text(payload);
  }

  private static String text(ByteBuffer from) {
    byte[] bytes = new byte[count(from, Byte.BYTES)];
    from.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Reads the number of parts that follow; each has at least so many bytes, which are checked. */
  private static int count(ByteBuffer from, int bytesEach) {
    int count = from.getInt();
    if (count < 0 || count > from.remaining() / bytesEach) {
      throw new BufferUnderflowException();
    }
    return count;
  }

  /**
   * Reads an error whose chain has an exception of a handler's. If this loop still has that
   * exception, the chain contains the same object again, in its place.
   */
  private Throwable thrown(ByteBuffer payload) {
    String type = text(payload);
    String[] texts = texts(payload);
    int place = payload.getInt();
    Object found = port.objects.find(payload.getInt(), payload.getInt());
    if (!(found instanceof Throwable thrown)) {
      return chain(type, texts, texts.length, null);
    }
    if (place < 0 || place >= texts.length) {
      throw new BufferUnderflowException();
    }
    return chain(type, texts, place, thrown);
  }

  private static Throwable nativeException(ByteBuffer payload) {
    String type = text(payload);
    String[] texts = texts(payload);
    return chain(type, texts, texts.length, null);
  }

  /** Reads the message of the error and those of its causes. */
  private static String[] texts(ByteBuffer payload) {
    String message = text(payload);
    text(payload); // skips the place in the source, which only a panic has
    String[] texts = new String[1 + count(payload, Integer.BYTES)];
    texts[0] = message;
    for (int i = 1; i < texts.length; i++) {
      texts[i] = text(payload);
    }
    return texts;
  }

  /** Makes the first {@code length} errors; {@code cause} is the cause of the last, or alone. */
  private static Throwable chain(String type, String[] texts, int length, Throwable cause) {
    Throwable error = cause;
    for (int i = length - 1; i >= 0; i--) {
      error = new NativeException(i == 0 ? type : "", texts[i], error);
    }
    return error;
  }

  private NativePanicError panicError(ByteBuffer payload) {
    text(payload); // skips the type, which only an error has
    String message = text(payload);
    String location = text(payload);
    payload.getInt(); // skips the number of causes, which a panic has none of
    return new NativePanicError(
        message, location, port.config.library(), port.config.runtime(), payload.getLong());
  }
}
