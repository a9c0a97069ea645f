package dev.loopbridge.stress.hygiene;

import java.util.Map;
import java.util.TreeMap;

/** Counts the calls of each kind that ended as they should, and keeps the first that did not. */
final class Tally {

  /** The kind of Rust's objects that were closed. */
  static final String CLOSED = "closed";

  /** The kind of Rust's objects that were left to the cleaner. */
  static final String LEFT = "left-to-the-cleaner";

  private final Map<String, Long> counts = new TreeMap<>();
  private String wrong = "";

  synchronized void count(String kind, boolean right, Object got) {
    counts.merge(kind, 1L, Long::sum);
    if (!right && wrong.isEmpty()) {
      wrong = kind + " got " + got;
    }
  }

  synchronized long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  synchronized long of(String kind) {
    return counts.getOrDefault(kind, 0L);
  }

  /** Returns the outcome of the first call that ended wrongly; empty if there was none. */
  synchronized String wrong() {
    return wrong;
  }

  @Override
  public synchronized String toString() {
    return counts.toString();
  }
}
