package dev.loopbridge.benchmark;

import java.util.Map;

/** One of the ways that a table compares. Only the harness's thread uses it. */
interface Arm {

  String name();

  /** Prepares the next run; this is not measured. */
  default void prepare() throws Exception {}

  /** Works for about so long; returns the number of operations, all of which have ended. */
  long run(long nanos) throws Exception;

  /** Returns the crossings since the arm was made. */
  default Crossings crossings() {
    return Crossings.NONE;
  }

  /** Returns the CPU time so far of the other processes that work for this arm. */
  default long childrenCpuNanos() {
    return 0;
  }

  /** Returns further figures of the last run, by the metric's name. */
  default Map<String, Double> figures() {
    return Map.of();
  }
}
