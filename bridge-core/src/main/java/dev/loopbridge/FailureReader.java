package dev.loopbridge;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * Makes the exception of a call that failed from its record. Owner loop only.
 *
 * <p>The texts come from native memory, so each number in them is checked before it is used: a
 * wrong one makes the error unreadable and fails this call alone.
 */
final class FailureReader {

  private FailureReader() {}

  /** Reads the error of an outcome that is no value; takes its payload. */
  static Throwable read(NativeResult result) {
    try {
      return failure(result);
    } catch (BufferUnderflowException e) {
      return result.unreadable();
    }
  }

  private static Throwable failure(NativeResult result) {
    return switch (result.outcome()) {
      case RecordLayout.ERROR -> nativeException(result.errorBytes());
      case RecordLayout.THROWN -> thrown(result);
      case RecordLayout.PANIC -> panicError(result);
      case RecordLayout.WRONG_LOOP ->
          new WrongLoopException(
              result.name()
                  + " returned an object of another loop than "
                  + result.port.loop
                  + ", which owns the call; an object is given back to its own loop only");
      case RecordLayout.CANCELLED ->
          new CancellationException("the Rust future of " + result.name() + " was cancelled");
      case RecordLayout.CLOSED ->
          new RuntimeClosedException(
              result.name() + " ended because its runtime was closed while it was in flight");
      case RecordLayout.REFUSED -> new SignatureMismatchException(message(result));
      case RecordLayout.EXHAUSTED ->
          new SystemLimitException(result.name() + " was not run: " + message(result));
      case RecordLayout.TOO_LARGE ->
          new PayloadTooLargeException(
              "the result of "
                  + result.name()
                  + " takes "
                  + result.refusedBytes()
                  + " bytes, allowed are "
                  + result.port.config.maxPayloadBytes()
                  + "; raise NativeRuntime.Builder.maxPayloadBytes");
      default ->
          new IllegalStateException("unknown outcome " + result.outcome() + " of " + result.name());
    };
  }

  private static String message(NativeResult result) {
    ByteBuffer payload = result.errorBytes();
    // A message that is not in the record is the text alone; an inline one has form and length like
    // any string.
    if (result.isRaw()) {
      return StandardCharsets.UTF_8.decode(payload).toString();
    }
    payload.get();
    return text(payload);
  }

  private static Throwable nativeException(ByteBuffer payload) {
    String type = text(payload);
    String[] texts = texts(payload);
    return chain(type, texts);
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

  /** Makes all errors, the last without a cause. */
  private static Throwable chain(String type, String[] texts) {
    int last = texts.length - 1;
    return chain(type, texts, last, error(type, texts, last, null));
  }

  /** Makes the first {@code length} errors; {@code cause} is the cause of the last, or alone. */
  private static Throwable chain(String type, String[] texts, int length, Throwable cause) {
    Throwable error = cause;
    for (int i = length - 1; i >= 0; i--) {
      error = error(type, texts, i, error);
    }
    return error;
  }

  private static NativeException error(
      String type, String[] texts, int place, @Nullable Throwable cause) {
    return new NativeException(place == 0 ? type : "", texts[place], cause);
  }

  /**
   * Reads an error whose chain has an exception of a handler's. If this loop still has that
   * exception, the chain contains the same object again, in its place.
   */
  private static Throwable thrown(NativeResult result) {
    ByteBuffer payload = result.errorBytes();
    String type = text(payload);
    String[] texts = texts(payload);
    int place = payload.getInt();
    Object found = result.port.objects.find(payload.getInt(), payload.getInt());
    if (!(found instanceof Throwable thrown)) {
      return chain(type, texts);
    }
    if (place < 0 || place >= texts.length) {
      throw new BufferUnderflowException();
    }
    return chain(type, texts, place, thrown);
  }

  private static NativePanicError panicError(NativeResult result) {
    ByteBuffer payload = result.errorBytes();
    text(payload); // skips the type, which only an error has
    String message = text(payload);
    String location = text(payload);
    payload.getInt(); // skips the number of causes, which a panic has none of
    return new NativePanicError(
        message,
        location,
        result.port.config.library(),
        result.port.config.runtime(),
        payload.getLong());
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
}
