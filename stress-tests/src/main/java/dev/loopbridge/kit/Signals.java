package dev.loopbridge.kit;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers to wait for, in the library of tests; each is given out once in a process. */
public final class Signals {

  private static final AtomicLong NEXT = new AtomicLong(1);

  private Signals() {}

  /** One number. */
  public static long next() {
    return block(1);
  }

  /** The first of so many numbers in a row. */
  public static long block(int count) {
    return NEXT.getAndAdd(count);
  }
}
