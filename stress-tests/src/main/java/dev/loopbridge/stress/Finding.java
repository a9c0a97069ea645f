package dev.loopbridge.stress;

/**
 * That something did not hold, or could not be shown.
 *
 * @param kind what it means for the run
 * @param invariant what was broken; null if it is none in particular
 * @param text what happened
 * @param replay the name that {@code replay} takes; may be empty
 */
record Finding(Kind kind, Invariant invariant, String text, String replay) {

  /** In the order of their weight: a run ends with the code of its first. */
  enum Kind {
    VIOLATED(1),
    HANG(4),
    HARNESS(2),
    INCOMPLETE(3);

    final int exitCode;

    Kind(int exitCode) {
      this.exitCode = exitCode;
    }
  }
}
