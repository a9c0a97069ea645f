package dev.loopbridge.benchmark;

import dev.loopbridge.RuntimeMetrics;

/** Counts of the boundary's crossings and of the loop turns that these took. */
record Crossings(long upcalls, long downcalls, long turns) {

  static final Crossings NONE = new Crossings(0, 0, 0);

  static Crossings of(RuntimeMetrics metrics) {
    return new Crossings(metrics.wakes(), metrics.doorbells(), metrics.drains());
  }
}
