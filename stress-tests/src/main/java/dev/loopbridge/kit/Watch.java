package dev.loopbridge.kit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Waits for conditions, for a time or as long as there is progress. */
public final class Watch {

  private static final long LOOK_NANOS = 200_000;
  private static final long SOON_NANOS = 50_000;

  private Watch() {}

  /**
   * Waits up to {@code patience} for a condition that may come soon; returns whether it came true.
   */
  public static boolean until(BooleanSupplier condition, Duration patience) {
    return until(condition, () -> 0, patience, SOON_NANOS);
  }

  /**
   * Waits for a condition; gives up once {@code progress} has not changed for the time {@code
   * still}.
   *
   * @return whether the condition came true
   */
  public static boolean until(BooleanSupplier condition, LongSupplier progress, Duration still) {
    return until(condition, progress, still, LOOK_NANOS);
  }

  private static boolean until(
      BooleanSupplier condition, LongSupplier progress, Duration still, long lookNanos) {
    long last = progress.getAsLong();
    long since = System.nanoTime();
    while (!condition.getAsBoolean()) {
      long now = progress.getAsLong();
      if (now != last) {
        last = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > still.toNanos()) {
        return false;
      }
      LockSupport.parkNanos(lookNanos);
    }
    return true;
  }
}
