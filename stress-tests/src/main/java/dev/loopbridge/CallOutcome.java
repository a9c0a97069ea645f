package dev.loopbridge;

import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import java.util.concurrent.atomic.AtomicInteger;

/** A target that counts the outcomes it gets. Any thread may use it. */
public final class CallOutcome<R> implements CallTarget<R> {

  /** How often a target got an outcome although its cancel had returned true. */
  private static final AtomicInteger AFTER_CANCEL = new AtomicInteger();

  private final AtomicInteger values = new AtomicInteger();
  private final AtomicInteger errors = new AtomicInteger();
  private final AtomicInteger late = new AtomicInteger();

  private volatile Throwable error;
  private volatile boolean cancelled;

  @Override
  public void value(R value) {
    look();
    values.incrementAndGet();
  }

  @Override
  public void error(Throwable given) {
    look();
    error = given;
    errors.incrementAndGet();
  }

  @Override
  public void lateValue(R value) {
    late.incrementAndGet();
    CallTarget.release(value);
  }

  @Override
  public void lateError(Throwable given) {
    late.incrementAndGet();
  }

  private void look() {
    if (cancelled) {
      AFTER_CANCEL.incrementAndGet();
    }
  }

  /** Cancels the call of this target; returns whether the cancel ended the call. */
  boolean cancel(CallHandle handle) {
    boolean ended = handle.cancel();
    if (ended) {
      cancelled = true;
    }
    return ended;
  }

  /** Waits for the outcome; returns whether it came in time or a cancel excludes it. */
  public boolean awaitSettled() {
    return RaceGround.await(() -> cancelled || values.get() + errors.get() > 0);
  }

  /**
   * Returns the outcome: "value", the class of the error, "late" if it came only after a cancel,
   * "nothing", or all counts where they contradict one another.
   */
  @Override
  public String toString() {
    int outcomes = values.get() + errors.get();
    if (outcomes > 1 || late.get() > 1 || outcomes > 0 && late.get() > 0) {
      return values + " values, " + errors + " errors, " + late + " late";
    }
    if (AFTER_CANCEL.get() > 0) {
      return "notified after a cancel";
    }
    if (outcomes == 0) {
      return late.get() > 0 ? "late" : "nothing";
    }
    return values.get() > 0 ? "value" : error.getClass().getSimpleName();
  }
}
