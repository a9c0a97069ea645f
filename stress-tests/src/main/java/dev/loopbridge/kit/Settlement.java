package dev.loopbridge.kit;

import dev.loopbridge.LoopbridgeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallTarget;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;

/** Collects the outcomes of one call from every source, and judges whether they are right. */
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
   * @param then the action that runs last in a callback, as a user's code would
   */
  Settlement(Known<?> known, OwnerLoop loop, Runnable then) {
    this.known = known;
    this.loop = loop;
    this.then = then;
  }

  /** Notes that a cancel ended the call: no outcome may follow. */
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
    times.incrementAndGet(); // last: a thread that sees it settled sees how
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

  /** Returns whether the call has an outcome or was cancelled. */
  public boolean isSettled() {
    return times.get() > 0;
  }

  /** Returns the error of the call; null if it has none. */
  Throwable error() {
    return error;
  }

  /**
   * Returns what is wrong with the call's end; null if it is right.
   *
   * @param faulty whether the call may have met a fault, so that any typed error is right
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

  /** Returns whether the error names its cause to the caller. */
  public static boolean isTyped(Throwable error) {
    return error instanceof NativePanicError
        || error instanceof LoopbridgeException
        || error instanceof CancellationException
        || error instanceof OutOfMemoryError
        || error instanceof IllegalStateException && error.getMessage() != null;
  }
}
