package dev.loopbridge.stress;

/** The thoroughness of a run: for every build, for a merge, or for a night. */
public enum Tier {
  /** All suites within 3 minutes on 2 cores. */
  T0,
  /** All suites within 30 minutes on 2 cores. */
  T1,
  /** All suites within 150 minutes on 2 cores. */
  T2;

  /** Returns the first of three values for T0, the second for T1, the third for T2. */
  public <T> T choose(T t0, T t1, T t2) {
    return switch (this) {
      case T0 -> t0;
      case T1 -> t1;
      case T2 -> t2;
    };
  }
}
