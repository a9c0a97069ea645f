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
 * The outcome of one call, read from its completion record. A payload nobody takes is released when
 * the callback returns.
 *
 * <p>A port loads one instance again for every record: it is read before anything runs that the
 * user wrote, and is not kept.
 */
final class NativeResult {

  private static final VarHandle INLINE =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder())
          .withInvokeExactBehavior();

  private final Port port;
  private final byte[] inline = new byte[RecordLayout.COMPLETION_INLINE_BYTES];
  private final ByteBuffer read = ByteBuffer.wrap(inline).order(ByteOrder.nativeOrder());

  private int outcome;
  private int flags;
  private int inlineLength;
  private int slot;
  private int generation;
  private boolean payloadTaken;

  /** Whether the table of calls has taken this outcome in. */
  boolean settled;

  private Signature signature;
  private Throwable failure;

  NativeResult(Port port) {
    this.port = port;
  }

  /**
   * Copies the record, so that its place in the ring can be given back before any callback runs.
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

  /** Whether Rust asks for something, instead of telling a call's outcome. */
  boolean isRequest() {
    return (outcome >= RecordLayout.INVOKE && outcome <= RecordLayout.DROP)
        || outcome == RecordLayout.POLL;
  }

  /** The invocation that a request is about. */
  long invocation() {
    return (long) INLINE.get(inline, RecordLayout.REQUEST_INLINE_BYTES);
  }

  /** Makes this the argument of an invocation. */
  void isArgumentOf(Signature handler) {
    outcome = RecordLayout.VALUE;
    signature = handler;
  }

  boolean isLent() {
    return (flags & RecordLayout.LENT) != 0;
  }

  /** Whether the call succeeded. */
  boolean isValue() {
    return outcome == RecordLayout.VALUE;
  }

  /** Whether the call succeeded with {@code ()} or {@code None}. */
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
   * The result of a function that returns bytes; native memory if it is large, and read-only then,
   * since Rust may still read it. The caller owns and releases it.
   */
  ByteBuf bufferValue() {
    if (!isExternal()) {
      byte[] content = content(ValueType.Kind.BYTES);
      return content.length == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(content);
    }
    at(ValueType.Kind.BYTES);
    PayloadByteBuf buffer = PayloadByteBuf.of(port, ticket(), name());
    payloadTaken = true;
    return buffer.asReadOnly();
  }

  /** The result of a function that returns an object of this loop's. */
  LoopRef<?> refValue() {
    int at = at(ValueType.Kind.REF);
    return port.handlers().reference(read.getInt(at), read.getInt(at + 4));
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
    NativeRef reference = NativeRef.of(port, read.getInt(at), read.getInt(at + 4), signature);
    payloadTaken = true; // not before: what could not be taken is released
    return reference;
  }

  /** Why the call failed; null if it did not. */
  Throwable error() {
    if (failure == null) {
      try {
        failure = told();
      } catch (BufferUnderflowException e) {
        failure = unreadable();
      }
    }
    return failure;
  }

  private Throwable told() {
    return switch (outcome) {
      case RecordLayout.VALUE -> null;
      case RecordLayout.ERROR -> nativeException(errorPayload());
      case RecordLayout.THROWN -> thrown(errorPayload());
      case RecordLayout.PANIC -> panicError(errorPayload());
      case RecordLayout.WRONG_LOOP ->
          new WrongLoopException(
              name()
                  + " returned an object of another loop than "
                  + port.loop()
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
                  + port.runtime().maxPayloadBytes()
                  + "; raise NativeRuntime.Builder.maxPayloadBytes");
      default -> new IllegalStateException("unknown outcome " + outcome + " of " + name());
    };
  }

  private IllegalStateException unreadable() {
    return new IllegalStateException("the outcome of " + name() + " cannot be read");
  }

  /** The value as the class the function was asked for. */
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

  /** Releases a payload or an object that nobody took. */
  void release() {
    if (payloadTaken) {
      return;
    }
    if (isExternal()) {
      port.releasePayload(ticket());
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

  /** Where an inline value starts. */
  private int at(ValueType.Kind kind) {
    if (!isValue() || signature.result.kind != kind) {
      throw new IllegalStateException(
          isValue()
              ? "the result of " + signature + " is not " + kind.rustName
              : "the call failed: " + error());
    }
    return signature.result.optional ? 1 : 0;
  }

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
    payloadTaken = true; // Rust has released it even if the heap has no room for the copy
    return Native.payloadTake(port.library(), port.handle(), ticket);
  }

  private String name() {
    return signature == null ? "the call" : signature.name;
  }

  private ByteBuffer errorPayload() {
    return isExternal()
        ? ByteBuffer.wrap(takePayload()).order(ByteOrder.nativeOrder())
        : ByteBuffer.wrap(inline, 0, inlineLength).slice().order(ByteOrder.nativeOrder());
  }

  private String message() {
    ByteBuffer payload = errorPayload();
    // A large message is the raw text, a small one carries form and length like any string.
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

  /** How many follow, of so many bytes each or more. */
  private static int count(ByteBuffer from, int bytesEach) {
    int count = from.getInt();
    if (count < 0 || count > from.remaining() / bytesEach) {
      throw new BufferUnderflowException();
    }
    return count;
  }

  /** An error that has in its chain what a handler threw: that object, if the loop still has it. */
  private Throwable thrown(ByteBuffer payload) {
    String type = text(payload);
    String[] texts = texts(payload);
    int place = payload.getInt();
    Throwable thrown = port.handlers().thrown(payload.getInt(), payload.getInt());
    if (thrown == null) {
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

  /** The error's own message and those of its causes. */
  private static String[] texts(ByteBuffer payload) {
    String message = text(payload);
    text(payload); // an error has no place
    String[] texts = new String[1 + count(payload, Integer.BYTES)];
    texts[0] = message;
    for (int i = 1; i < texts.length; i++) {
      texts[i] = text(payload);
    }
    return texts;
  }

  /** So many of the errors, the last of them caused by {@code cause}; that alone if none. */
  private static Throwable chain(String type, String[] texts, int length, Throwable cause) {
    Throwable error = cause;
    for (int i = length - 1; i >= 0; i--) {
      error = new NativeException(i == 0 ? type : "", texts[i], error);
    }
    return error;
  }

  private NativePanicError panicError(ByteBuffer payload) {
    text(payload);
    String message = text(payload);
    String location = text(payload);
    payload.getInt(); // a panic has no causes
    return new NativePanicError(
        message, location, port.library(), port.runtime().handle(), payload.getLong());
  }
}
