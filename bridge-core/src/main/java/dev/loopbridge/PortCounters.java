package dev.loopbridge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The counters of one port: written without synchronisation by its loop, read by any thread. */
final class PortCounters {

  static final int SUBMITTED = 0;
  static final int LIVE = 1;
  static final int LENDING = 2;
  static final int DRAINS = 3;
  static final int DOORBELLS = 4;
  static final int OWNER_GONE = 5;
  static final int WAKES = 6;
  static final int COMPLETED = 7;
  static final int HELD = 8;
  static final int INVOCATIONS = 9;

  /** Counted for all ports of the runtime together. */
  static final int FORGOTTEN = 10;

  static final int COUNTERS = 11;

  /** Opaque: each count is exact, several of them need not be of one moment. */
  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] counts = new long[COUNTERS];

  void drain() {
    add(DRAINS, 1);
  }

  void doorbell() {
    add(DOORBELLS, 1);
  }

  void held(int objects) {
    set(HELD, objects);
  }

  void invocations(int pending) {
    set(INVOCATIONS, pending);
  }

  void ownerGone(int calls) {
    add(OWNER_GONE, calls);
  }

  /** The one count that workers write: one at a time, but each on a thread of its own. */
  void wake() {
    COUNT.getAndAdd(counts, WAKES, 1L);
  }

  /** Adds these counts to {@code sums}. */
  void addTo(long[] sums) {
    for (int i = 0; i < COUNTERS; i++) {
      sums[i] += (long) COUNT.getOpaque(counts, i);
    }
  }

  private void add(int counter, long by) {
    COUNT.setOpaque(counts, counter, counts[counter] + by);
  }

  private void set(int counter, long value) {
    COUNT.setOpaque(counts, counter, value);
  }
}
