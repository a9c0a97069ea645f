package dev.loopbridge.kit;

import dev.loopbridge.LoopbridgeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallTarget;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;

/** The outcomes that one call got, whoever gave them, and whether they are right. */
public final class Settlement implements CallTarget<Object> {

  private final Known<?> known;
  private final OwnerLoop loop;
  private final Runnable then;
  private final AtomicInteger times = new AtomicInteger();
  private volatile boolean cancelled;
  private volatile boolean offLoop;
  private volatile String wrong;
  private volatile Throwable error;

  /**
   * @param then runs as the last of what it does with its outcome, as a user's callback would
   */
  Settlement(Known<?> known, OwnerLoop loop, Runnable then) {
    this.known = known;
    this.loop = loop;
    this.then = then;
  }

  /** A cancel ended the call: no outcome may follow. */
  public void cancelled() {
    cancelled = true;
    times.incrementAndGet();
  }

  @Override
  public void value(Object value) {
    offLoop = !loop.inLoop();
    if (!known.isRight(value, null)) {
      wrong = "value " + value;
    }
    times.incrementAndGet(); // last: who sees that it settled sees how
    then.run();
  }

  @Override
  public void error(Throwable given) {
    error = given;
    times.incrementAndGet();
    then.run();
  }

  String name() {
    return known.call().toString();
  }

  /** Whether it has an outcome, or was cancelled. */
  public boolean isSettled() {
    return times.get() > 0;
  }

  /** Its error; null if it has none. */
  Throwable error() {
    return error;
  }

  /**
   * What is wrong with how it settled; null if nothing is.
   *
   * @param faulty whether a fault may have been in its way, so that any typed error will do
   */
  public String wrong(boolean faulty) {
    if (times.get() != 1) {
      return name() + " settled " + times.get() + " times" + (cancelled ? ", cancelled" : "");
    }
    if (wrong != null) {
      return name() + " settled with " + wrong;
    }
    if (offLoop && !faulty) {
      return name() + " settled off its loop " + loop;
    }
    if (error != null && !known.isRight(null, error) && !(faulty && isTyped(error))) {
      return name() + " failed with " + error;
    }
    return null;
  }

  /** Whether a caller can tell from the error what has happened. */
  public static boolean isTyped(Throwable error) {
    return error instanceof NativePanicError
        || error instanceof LoopbridgeException
        || error instanceof CancellationException
        || error instanceof OutOfMemoryError
        || error instanceof IllegalStateException && error.getMessage() != null;
  }
}
