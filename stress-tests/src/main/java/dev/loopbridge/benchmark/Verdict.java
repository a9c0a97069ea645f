package dev.loopbridge.benchmark;

/**
 * The figure of a run for a target.
 *
 * @param measured the median of the rounds, {@link Target#NONE} if there were none
 * @param low the least of the rounds
 * @param high the greatest of the rounds
 */
record Verdict(Target target, double measured, double low, double high) {

  /** The result of a run for a target. */
  enum Outcome {
    STRETCH("stretch met"),
    MET("met"),
    MISSED("missed"),
    NOT_MEASURED("not measured");

    private final String words;

    Outcome(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  boolean wasMeasured() {
    return !Double.isNaN(measured);
  }

  boolean met() {
    return target.reaches(measured, target.target());
  }

  boolean stretchMet() {
    return target.reaches(measured, target.stretch());
  }

  Outcome outcome() {
    if (!wasMeasured()) {
      return Outcome.NOT_MEASURED;
    }
    return stretchMet() ? Outcome.STRETCH : met() ? Outcome.MET : Outcome.MISSED;
  }
}
