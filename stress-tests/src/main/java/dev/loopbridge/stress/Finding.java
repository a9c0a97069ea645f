package dev.loopbridge.stress;

/**
 * A promise that did not hold, or could not be shown to hold.
 *
 * @param kind the weight of the finding for the run
 * @param invariant the promise that was broken; null if no one promise was
 * @param text the event that was found
 * @param replay the name by which {@code replay} runs the case again; may be empty
 */
record Finding(Kind kind, Invariant invariant, String text, String replay) {

  /** The kinds in the order of their weight: the weightiest finding decides a run's exit code. */
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
