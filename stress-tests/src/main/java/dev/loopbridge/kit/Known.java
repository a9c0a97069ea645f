package dev.loopbridge.kit;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * A call, and what must come of it where nothing comes between.
 *
 * @param rightValue whether a value is what the function makes of its arguments
 * @param rightError whether an error is what the function fails with
 * @param cancels whether it does not end by itself, so that whoever starts it cancels it
 * @param lent what the call is lent, the caller's until the call has been started; null if nothing
 */
public record Known<R>(
    NativeCall<R> call,
    Predicate<Object> rightValue,
    Predicate<Throwable> rightError,
    boolean cancels,
    ByteBuf lent) {

  /** A call that comes to a value like this. */
  public static <R> Known<R> value(NativeCall<R> call, Predicate<Object> right) {
    return new Known<>(call, right, error -> false, false, null);
  }

  /** A call that comes to this value. */
  public static <R> Known<R> equal(NativeCall<R> call, R value) {
    return value(
        call,
        value instanceof byte[] bytes
            ? given -> given instanceof byte[] array && Arrays.equals(array, bytes)
            : given -> given == value || given != null && given.equals(value));
  }

  /** A call that fails so. */
  public static <R> Known<R> error(NativeCall<R> call, Predicate<Throwable> right) {
    return new Known<>(call, value -> false, right, false, null);
  }

  static <R> Known<R> fails(NativeCall<R> call, String text) {
    return error(
        call, error -> error instanceof NativeException && error.getMessage().contains(text));
  }

  static <R> Known<R> panics(NativeCall<R> call) {
    return error(call, NativePanicError.class::isInstance);
  }

  /** A call that never ends by itself. */
  public static <R> Known<R> endless(NativeCall<R> call) {
    return error(call, error -> false).cancelling();
  }

  /** The same, which whoever starts it cancels. */
  public Known<R> cancelling() {
    return new Known<>(call, rightValue, rightError, true, lent);
  }

  Known<R> lending(ByteBuf buffer) {
    return new Known<>(call, rightValue, rightError, cancels, buffer);
  }

  /** Starts it, once. */
  CallHandle start(OwnerLoop loop, CallTarget<Object> target) {
    try {
      return call.start(loop, target);
    } finally {
      started();
    }
  }

  /** Starts it, once. */
  public CompletableFuture<R> toFuture(OwnerLoop loop) {
    try {
      return call.toFuture(loop);
    } finally {
      started();
    }
  }

  private void started() {
    if (lent != null) {
      lent.release();
    }
  }

  /** Whether it came to what it must; releases a value that is a buffer. */
  public boolean isRight(Object value, Throwable error) {
    boolean right = error == null ? rightValue.test(value) : rightError.test(error);
    if (value instanceof ByteBuf buffer) {
      buffer.release();
    }
    return right;
  }
}
