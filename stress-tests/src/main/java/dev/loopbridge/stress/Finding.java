package dev.loopbridge.stress;

/**
 * A promise that did not hold, or could not be shown to hold.
 *
 * @param kind its weight for the run
 * @param invariant the promise that was broken; null if it is none in particular
 * @param text the event
 * @param replay the name by which {@code replay} runs it again; may be empty
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
