package dev.loopbridge.benchmark;

/** One way to do what a table compares. Used by the harness's thread only. */
interface Arm {

  String name();

  /** Does the work for about so long; returns how many operations that were, all of them ended. */
  long run(long nanos) throws Exception;

  /** Crossings since the arm was made. */
  default Crossings crossings() {
    return Crossings.NONE;
  }
}
