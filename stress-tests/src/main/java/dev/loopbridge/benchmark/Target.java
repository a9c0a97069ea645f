package dev.loopbridge.benchmark;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * A figure to reach.
 *
 * @param stretch the figure to reach for beyond that, or {@link #NONE}
 * @param expected the figure that {@code --check} guards: the target if it is met, else a measured
 *     one
 * @param allowance how far a value may exceed an upper bound, for the rounding of its counters
 * @param unit the text behind the figures
 * @param values finds the values of the rounds; empty where they were not measured
 */
record Target(
    String name,
    Kind kind,
    double target,
    double stretch,
    double expected,
    double allowance,
    String unit,
    Function<Results, Optional<double[]>> values) {

  static final double NONE = Double.NaN;

  /** The good side of the target. */
  enum Kind {
    AT_LEAST("at least"),
    AT_MOST("at most");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  static Target atLeast(
      String name, double target, double stretch, Function<Results, Optional<double[]>> values) {
    return new Target(name, Kind.AT_LEAST, target, stretch, target, 0, "×", values);
  }

  static Target atMost(
      String name, double target, double stretch, Function<Results, Optional<double[]>> values) {
    return new Target(name, Kind.AT_MOST, target, stretch, target, 0, "×", values);
  }

  /** Returns the target in a unit; without a unit, figures are ratios. */
  Target in(String otherUnit) {
    return new Target(name, kind, target, stretch, expected, allowance, " " + otherUnit, values);
  }

  Target allowing(double otherAllowance) {
    return new Target(name, kind, target, stretch, expected, otherAllowance, unit, values);
  }

  /** Returns the target with another figure than its own to be guarded. */
  Target expecting(double figure) {
    return new Target(name, kind, target, stretch, figure, allowance, unit, values);
  }

  /** Returns whether {@code value} is as good as {@code bound}; false if either is none. */
  boolean reaches(double value, double bound) {
    return kind == Kind.AT_LEAST ? value >= bound : value <= bound + allowance;
  }

  /** Formats a figure with its unit. */
  String show(double figure) {
    return Double.isNaN(figure) ? "" : Metric.round(figure) + unit;
  }

  Verdict judge(Results results) {
    double[] rounds = values.apply(results).orElse(new double[0]);
    return new Verdict(
        this,
        Table.median(rounds),
        Arrays.stream(rounds).min().orElse(NONE),
        Arrays.stream(rounds).max().orElse(NONE));
  }
}
