package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whether a drain waits on one port's loop, and for how long. The loop and whoever puts drains on
 * it pay a plain store each for that; the looks are {@link LoopWatch}'s.
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

  /** Drains that have begun. The loop writes it. */
  private long begun;

  /** How many will have begun with the one that was put last. Its writers follow one another. */
  private long put;

  /** Where the loop was seen last. The loop writes it. */
  private Thread thread;

  // The looks only.
  private long seen = -1;
  private long told = -1;
  private int looks;

  /** A drain is put on the loop, by whoever moved the wake word to SCHEDULED. */
  void puts() {
    PUT.setOpaque(this, (long) BEGUN.getOpaque(this) + 1);
  }

  /** A drain begins. Owner loop only. */
  void begins() {
    BEGUN.setOpaque(this, begun + 1);
    runs();
  }

  /** The loop runs a task. Owner loop only. */
  void runs() {
    Thread current = Thread.currentThread();
    if (thread != current) {
      thread = current;
    }
  }

  /** Null if it is not known yet. */
  Thread thread() {
    return thread;
  }

  /** Whether a drain waits that has not been reported yet. The looks only. */
  boolean isWaiting() {
    long now = (long) BEGUN.getOpaque(this);
    return (long) PUT.getOpaque(this) > now && told != now;
  }

  /**
   * One look.
   *
   * @param late the whole process may have stood still since the last one, which says nothing
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
    told = now;
    return true;
  }
}
