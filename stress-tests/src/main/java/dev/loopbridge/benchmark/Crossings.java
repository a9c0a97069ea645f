package dev.loopbridge.benchmark;

import dev.loopbridge.RuntimeMetrics;

/** How often the boundary was crossed, and how often a loop took a turn for it. */
record Crossings(long upcalls, long downcalls, long turns) {

  static final Crossings NONE = new Crossings(0, 0, 0);

  static Crossings of(RuntimeMetrics metrics) {
    return new Crossings(metrics.wakes(), metrics.doorbells(), metrics.drains());
  }
}
