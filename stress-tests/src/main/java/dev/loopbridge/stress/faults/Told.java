package dev.loopbridge.stress.faults;

import dev.loopbridge.LoopbridgeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.spi.CallTarget;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** What one call was told, by whoever told it, and whether that may be. */
final class Told implements CallTarget<Object> {

  private final String name;
  private final Predicate<Object> rightValue;
  private final Predicate<Throwable> rightError;
  private final AtomicInteger times = new AtomicInteger();
  private volatile Runnable then = () -> {};
  private volatile boolean cancelled;
  private volatile String wrong;
  private volatile Throwable error;

  /**
   * @param rightValue whether a value is what the function makes of its arguments
   * @param rightError whether an error is what the function fails with where there is no fault
   */
  Told(String name, Predicate<Object> rightValue, Predicate<Throwable> rightError) {
    this.name = name;
    this.rightValue = rightValue;
    this.rightError = rightError;
  }

  /** Runs this as the last of what it does with its outcome: what a user's callback would. */
  void then(Runnable callback) {
    then = callback;
  }

  /** A cancel ended the call: nothing is to be told any more. */
  void cancelled() {
    cancelled = true;
    times.incrementAndGet();
  }

  @Override
  public void value(Object value) {
    if (!rightValue.test(value)) {
      wrong = "value " + value;
    }
    if (value instanceof ByteBuf buffer) {
      buffer.release();
    }
    times.incrementAndGet(); // last: who sees that it settled sees how
    then.run();
  }

  @Override
  public void error(Throwable told) {
    error = told;
    times.incrementAndGet();
    then.run();
  }

  String name() {
    return name;
  }

  boolean isSettled() {
    return times.get() > 0;
  }

  /** The error it was told; null if none. */
  Throwable error() {
    return error;
  }

  /**
   * What is wrong with how it settled; null if nothing is.
   *
   * @param faulty whether a fault may have been in its way, so that any typed error will do
   */
  String wrong(boolean faulty) {
    if (times.get() != 1) {
      return name + " settled " + times.get() + " times" + (cancelled ? ", cancelled" : "");
    }
    if (wrong != null) {
      return name + " settled with " + wrong;
    }
    if (error != null && !rightError.test(error) && !(faulty && isTyped(error))) {
      return name + " failed with " + error;
    }
    return null;
  }

  /** Whether a caller can tell from the error what has happened. */
  static boolean isTyped(Throwable error) {
    return error instanceof NativePanicError
        || error instanceof LoopbridgeException
        || error instanceof CancellationException
        || error instanceof OutOfMemoryError
        || error instanceof IllegalStateException && error.getMessage() != null;
  }
}
