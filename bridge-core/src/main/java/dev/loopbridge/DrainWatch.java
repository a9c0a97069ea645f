package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Records whether a drain waits on one port's loop, and for how long. The loop and the threads that
 * put drains on it make one cheap store each for that; {@link LoopWatch} looks.
 */
final class DrainWatch {

  /** Opaque: a look that misses the latest count sees it the next time. */
  private static final VarHandle BEGUN;

  private static final VarHandle PUT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      BEGUN = lookup.findVarHandle(DrainWatch.class, "begun", long.class);
      PUT = lookup.findVarHandle(DrainWatch.class, "put", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The number of drains that have begun. The loop writes it. */
  private long begun;

  /** The value of {@link #begun} once the last drain put has begun. One thread at a time writes. */
  private long put;

  /** The thread on which the loop ran last. The loop writes it. */
  private @Nullable Thread thread;

  // Written by the looks only.
  private long seen = -1;
  private long reported = -1;
  private int looks;

  /** Notes that a drain is put on the loop. The thread that moved the wake word to SCHEDULED. */
  void puts() {
    PUT.setOpaque(this, (long) BEGUN.getOpaque(this) + 1);
  }

  /** Notes that a drain begins. Owner loop only. */
  void begins() {
    BEGUN.setOpaque(this, begun + 1);
    runs();
  }

  /** Notes the thread on which the loop runs. Owner loop only. */
  void runs() {
    Thread current = Thread.currentThread();
    if (thread != current) {
      thread = current;
    }
  }

  /** The thread on which the loop ran last; null if it is not known yet. */
  @Nullable Thread thread() {
    return thread;
  }

  /** Returns whether a drain waits that has not been reported yet. The looks only. */
  boolean isWaiting() {
    long now = (long) BEGUN.getOpaque(this);
    return (long) PUT.getOpaque(this) > now && reported != now;
  }

  /**
   * Takes one look.
   *
   * @param late whether the whole process may have stood still, so that this look does not count
   * @return whether to report the drain, which has waited through so many looks; true once
   */
  boolean waitedThrough(int many, boolean late) {
    long now = (long) BEGUN.getOpaque(this);
    if (!isWaiting() || now != seen || late) {
      seen = now;
      looks = 0;
      return false;
    }
    looks++;
    if (looks < many) {
      return false;
    }
    reported = now;
    return true;
  }
}
