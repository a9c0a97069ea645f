package dev.loopbridge;

/**
 * Decides whether a loop that has nothing to drain looks again, before it goes idle and has to be
 * woken through the kernel. Owner loop only.
 *
 * <p>Looking pays when an outcome comes while it lasts, and costs the loop's time when none does.
 * The loop learns which of the two to expect without looking: each time it is woken, it knows how
 * long it was idle. It looks while most of those gaps were short, for {@code nanos} at most after
 * each outcome. After {@code chainNanos} of looks the loop has its I/O, even if outcomes keep
 * coming. A loop that has other work between two looks gives up, since it would only take its I/O
 * in smaller pieces.
 *
 * <p>After a look that found nothing the loop yields its core, since the thread whose outcome it
 * awaits may be waiting for just that core.
 *
 * <p>A guess can be wrong again and again, as when gaps are a little longer than the looks. So the
 * time of looks that found nothing is bounded: it is paid from an allowance, which grows by a tenth
 * of the time that passes. A yield after which the core stayed away for long is paid as well.
 *
 * <p>Twin of {@code linger.rs}, which a dispatcher uses for the submission ring, with the same
 * trust and allowance. A dispatcher looks in one loop; an event loop comes back for each look, so
 * that its other tasks run in between.
 */
final class Linger {

  /** Looks that are further apart are those of a loop that has other work. */
  private static final long BUSY_NANOS = 5_000;

  /** A gap includes the wake, so a short one may be so many times as long as the looks. */
  private static final int SHORT_GAP = 2;

  /** From this trust on the loop looks; a short gap or an outcome adds one, a long gap halves. */
  private static final int TRUSTING = 2;

  private static final int MOST_TRUST = 8;

  /** One in so many nanoseconds may be lost to looks that find nothing. */
  private static final int LOST_SHARE = 10;

  /** The most that the allowance can be, in looks that find nothing. */
  private static final int MOST_MISSES = 4;

  private final long nanos;
  private final long chainNanos;

  private int trust = TRUSTING;
  private long allowance;

  /** The time up to which the allowance has grown. */
  private long allowanceAt;

  private boolean looking;
  private long last;
  private long until;
  private long chainEnd;

  /** Whether the loop is idle and expects an outcome, since {@link #idleAt}. */
  private boolean idle;

  private long idleAt;

  Linger(long nanos, long chainNanos) {
    this.nanos = nanos;
    this.chainNanos = chainNanos;
    allowance = MOST_MISSES * nanos;
  }

  /** Returns whether the drain that runs is a look. */
  boolean isLooking() {
    return looking;
  }

  /** Returns whether the last outcome, or the first look, is at least {@code time} ns ago. */
  boolean hasWaited(long time) {
    return System.nanoTime() - (until - nanos) >= time;
  }

  /**
   * Notes that a drain begins.
   *
   * @param woken whether the drain is a task of its own, so that the gap shows when an outcome came
   */
  void drains(boolean woken) {
    if (idle) {
      idle = false;
      if (woken) {
        gap(System.nanoTime() - idleAt);
      }
    }
  }

  void gap(long gap) {
    if (gap <= SHORT_GAP * nanos) {
      trust = Math.min(trust + 1, MOST_TRUST);
    } else {
      trust /= 2;
    }
  }

  /** Returns whether to look again, after a drain that found something or nothing. */
  boolean again(boolean found) {
    return nanos > 0 && again(found, System.nanoTime());
  }

  boolean again(boolean found, long now) {
    if (!looking) {
      return begin(now);
    }
    boolean busy = now - last >= BUSY_NANOS;
    last = now;
    if (found) {
      trust = Math.min(trust + 1, MOST_TRUST);
      until = now + nanos;
    } else if (busy || now - until >= 0) {
      // A loop with other work pays for all its looks, so that it tries them seldom.
      allowance -= Math.max(nanos, now - (until - nanos));
      trust /= 2;
      looking = false;
      return goIdle(now);
    }
    looking = now - chainEnd < 0;
    return looking || goIdle(now);
  }

  private boolean begin(long now) {
    long earned = (now - allowanceAt) / LOST_SHARE;
    allowanceAt = now;
    allowance = Math.min(allowance + Math.max(earned, 0), MOST_MISSES * nanos);
    if (trust < TRUSTING || allowance < nanos) {
      return goIdle(now);
    }
    looking = true;
    last = now;
    until = now + nanos;
    chainEnd = now + chainNanos;
    return true;
  }

  /** The loop goes idle and expects an outcome. */
  private boolean goIdle(long now) {
    idle = true;
    idleAt = now;
    return false;
  }

  /** Notes that the loop has its core again, which it yielded after a look that found nothing. */
  void yielded() {
    yielded(System.nanoTime());
  }

  void yielded(long now) {
    if (now - last >= nanos) {
      allowance -= now - last; // an outcome that is there by now does not make up for it
    }
    last = now; // the time in which others had the core is no work of the loop's
  }

  /** Ends the looks, since no outcome is expected. */
  void end() {
    looking = false;
    idle = false;
  }
}
