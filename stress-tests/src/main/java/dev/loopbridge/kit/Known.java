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
 * A call and the outcome that it must have if nothing interferes.
 *
 * @param rightValue whether a value is the result that the function has for its arguments
 * @param rightError whether an error is the one that the function fails with
 * @param cancels whether the call has to be cancelled by the code that starts it, since it does not
 *     end by itself
 * @param lent the buffer that the call is lent, which the caller owns until the start; null if none
 */
public record Known<R>(
    NativeCall<R> call,
    Predicate<Object> rightValue,
    Predicate<Throwable> rightError,
    boolean cancels,
    ByteBuf lent) {

  /** Returns a call whose value must pass this test. */
  public static <R> Known<R> value(NativeCall<R> call, Predicate<Object> right) {
    return new Known<>(call, right, error -> false, false, null);
  }

  /** Returns a call that must have this value. */
  public static <R> Known<R> equal(NativeCall<R> call, R value) {
    return value(
        call,
        value instanceof byte[] bytes
            ? given -> given instanceof byte[] array && Arrays.equals(array, bytes)
            : given -> given == value || given != null && given.equals(value));
  }

  /** Returns a call that must fail with an error that passes this test. */
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

  /** Returns a call that never ends by itself. */
  public static <R> Known<R> endless(NativeCall<R> call) {
    return error(call, error -> false).cancelling();
  }

  /** Returns the same call, to be cancelled by the code that starts it. */
  public Known<R> cancelling() {
    return new Known<>(call, rightValue, rightError, true, lent);
  }

  Known<R> lending(ByteBuf buffer) {
    return new Known<>(call, rightValue, rightError, cancels, buffer);
  }

  /** Starts the call; only once. */
  CallHandle start(OwnerLoop loop, CallTarget<Object> target) {
    try {
      return call.start(loop, target);
    } finally {
      started();
    }
  }

  /** Starts the call; only once. */
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

  /** Returns whether the outcome is the right one; releases a value that is a buffer. */
  public boolean isRight(Object value, Throwable error) {
    boolean right = error == null ? rightValue.test(value) : rightError.test(error);
    if (value instanceof ByteBuf buffer) {
      buffer.release();
    }
    return right;
  }
}
