package dev.loopbridge.benchmark;

import java.util.Map;

/** One way to do what a table compares. Used by the harness's thread only. */
interface Arm {

  String name();

  /** Sets up what the next run needs; not measured. */
  default void prepare() throws Exception {}

  /** Does the work for about so long; returns how many operations that were, all of them ended. */
  long run(long nanos) throws Exception;

  /** Crossings since the arm was made. */
  default Crossings crossings() {
    return Crossings.NONE;
  }

  /** What else the last run measured, by the metric's name. */
  default Map<String, Double> figures() {
    return Map.of();
  }
}
