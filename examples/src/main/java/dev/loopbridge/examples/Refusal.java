package dev.loopbridge.examples;

import dev.loopbridge.NativeException;
import dev.loopbridge.PayloadTooLargeException;
import dev.loopbridge.RuntimeClosedException;
import dev.loopbridge.TooManyInFlightException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Why a request gets no thumbnail: an HTTP status, a code for programs and a sentence for people,
 * which names what was wrong and what was expected.
 */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = System.getLogger(Refusal.class.getName());

  private static final long LOG_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final AtomicLong LAST_LOGGED_NANOS =
      new AtomicLong(System.nanoTime() - LOG_PAUSE_NANOS);

  /** The codes that begin the messages of the Rust side's errors (its {@code ThumbnailError}). */
  private static final Map<String, Integer> STATUS_OF_CODE =
      Map.of(
          "not_an_image", 415,
          "unsupported_format", 415,
          "damaged_image", 422,
          "too_many_pixels", 422,
          "bad_width", 400,
          "bad_height", 400,
          "bad_format", 400,
          "cancelled", 503); // the runtime is being closed

  private final int status;
  private final String code;
  private final transient Map<String, String> headers;

  private Refusal(int status, String code, String message, Map<String, String> headers) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  Refusal(int status, String code, String message) {
    this(status, code, message, Map.of());
  }

  static Refusal methodNotAllowed(String path, String method, String allowed) {
    return new Refusal(
        405,
        "method_not_allowed",
        path + " does not answer " + method + ", only " + allowed,
        Map.of("allow", allowed));
  }

  /** A refusal for the moment: the same request may be accepted a second later. */
  static Refusal tryAgain(String code, String message) {
    return new Refusal(503, code, message, Map.of("retry-after", "1"));
  }

  /** The refusal for a failure. A failure without a code of its own is logged. */
  static Refusal of(Throwable failure) {
    if (failure instanceof Refusal refusal) {
      return refusal;
    }
    if (failure instanceof NativeException error) {
      String message = error.getMessage();
      int colon = message.indexOf(": ");
      String code = colon < 0 ? "" : message.substring(0, colon);
      if (STATUS_OF_CODE.containsKey(code)) {
        return new Refusal(STATUS_OF_CODE.get(code), code, message.substring(colon + 2));
      }
    } else if (failure instanceof TooManyInFlightException) {
      return tryAgain("busy", "too many images are being worked on; try again");
    } else if (failure instanceof OutOfMemoryError) {
      return Admission.busy();
    } else if (failure instanceof PayloadTooLargeException) {
      return new Refusal(
          422, "thumbnail_too_large", "the thumbnail is too large to send; ask for a smaller one");
    } else if (failure instanceof RuntimeClosedException
        || failure instanceof CancellationException) {
      return new Refusal(503, "stopping", "the server is being stopped");
    }
    logged(failure);
    return new Refusal(500, "internal", "the server failed; the reason is in its log");
  }

  /** Logs at most one failure a second, since clients can cause failures at any rate. */
  private static void logged(Throwable failure) {
    long now = System.nanoTime();
    long last = LAST_LOGGED_NANOS.get();
    if (now - last >= LOG_PAUSE_NANOS && LAST_LOGGED_NANOS.compareAndSet(last, now)) {
      LOG.log(Level.ERROR, "a request failed for no fault of its own", failure);
    } else {
      LOG.log(Level.DEBUG, "another request failed for no fault of its own", failure);
    }
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  Map<String, String> headers() {
    return headers;
  }
}
