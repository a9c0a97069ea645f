package dev.loopbridge.kit;

import java.util.concurrent.atomic.AtomicLong;

/** Hands out the numbers of signals, for which native functions wait; each once in a process. */
public final class Signals {

  private static final AtomicLong NEXT = new AtomicLong(1);

  private Signals() {}

  /** Returns a new number. */
  public static long next() {
    return block(1);
  }

  /** Returns the first of {@code count} new numbers in a row. */
  public static long block(int count) {
    return NEXT.getAndAdd(count);
  }
}
