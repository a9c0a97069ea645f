package dev.loopbridge;

/**
 * Decides whether a loop that has nothing to drain looks again, before it goes idle and has to be
 * woken through the kernel. Owner loop only.
 *
 * <p>It pays when an answer comes soon, and costs the loop's time when none does. So it is bounded:
 * one look follows another for {@code nanos} at most, and after {@code chainNanos} the loop has its
 * I/O even if answers keep coming. A loop that has other work between two looks gives up: it would
 * only take its I/O in smaller pieces. And it adapts: the more often in a row nothing came, the
 * more seldom it is tried.
 *
 * <p>Twin of {@code linger.rs}, which a dispatcher uses for the submission ring, with the same
 * counting of misses. A dispatcher looks in one loop; an event loop comes back for each look, so
 * that its other tasks run in between.
 */
final class Linger {

  private static final int MOST_MISSES = 10;

  /** Looks that are further apart are those of a loop that has other work. */
  private static final long BUSY_NANOS = 5_000;

  /** A miss of a loop that has other work counts as so many misses. */
  private static final int BUSY_MISSES = 4;

  private final long nanos;
  private final long chainNanos;

  private boolean looking;
  private long last;
  private long until;
  private long chainEnd;
  private int misses;
  private int skips;

  Linger(long nanos, long chainNanos) {
    this.nanos = nanos;
    this.chainNanos = chainNanos;
  }

  /** Returns whether the drain that runs is a look. */
  boolean isLooking() {
    return looking;
  }

  /** Returns whether the last answer, or the first look, is at least {@code time} ns ago. */
  boolean hasWaited(long time) {
    return System.nanoTime() - (until - nanos) >= time;
  }

  /** Begins with looks, unless too many in a row were misses; returns whether it has begun. */
  boolean begin(long now) {
    if (looking || nanos == 0) {
      return false;
    }
    if (skips > 0) {
      skips--;
      return false;
    }
    looking = true;
    last = now;
    until = now + nanos;
    chainEnd = now + chainNanos;
    return true;
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
      misses /= 2;
      until = now + nanos;
    } else if (busy) {
      return missed(BUSY_MISSES);
    } else if (now - until >= 0) {
      return missed(1);
    }
    looking = now - chainEnd < 0;
    return looking;
  }

  private boolean missed(int count) {
    misses = Math.min(misses + count, MOST_MISSES);
    skips = (1 << misses) - 1;
    looking = false;
    return false;
  }

  /** Ends the looks, since no answer is expected. */
  void end() {
    looking = false;
  }
}
