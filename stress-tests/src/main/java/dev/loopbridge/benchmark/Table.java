package dev.loopbridge.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The figures of one comparison.
 *
 * @param metric the metric that ratios are made of
 * @param lessIsBetter whether a smaller value of that metric is better
 * @param baseline the arm that the printed ratios compare with
 */
record Table(
    String id, String title, String metric, boolean lessIsBetter, String baseline, List<Row> rows) {

  /**
   * One arm's line.
   *
   * @param metrics the values by the metric's name, in order; one value for each round
   */
  record Row(String arm, Map<String, double[]> metrics) {

    double median(String metric) {
      return Table.median(metrics.get(metric));
    }
  }

  Row row(String arm) {
    for (Row row : rows) {
      if (row.arm().equals(arm)) {
        return row;
      }
    }
    throw new IllegalArgumentException(
        "table " + id + " has no arm " + arm + ", it has " + rows.stream().map(Row::arm).toList());
  }

  boolean hasArm(String arm) {
    return rows.stream().anyMatch(row -> row.arm().equals(arm));
  }

  /** Returns how many times better {@code arm} was than {@code other}, round by round. */
  double[] ratios(String arm, String other, String ofMetric) {
    double[] mine = row(arm).metrics().get(ofMetric);
    double[] theirs = row(other).metrics().get(ofMetric);
    double[] ratios = new double[Math.min(mine.length, theirs.length)];
    for (int round = 0; round < ratios.length; round++) {
      ratios[round] = lessIsBetter ? theirs[round] / mine[round] : mine[round] / theirs[round];
    }
    return ratios;
  }

  static double median(double[] values) {
    return quantile(values, 0.5);
  }

  /** Returns a quantile, interpolated linearly between the two nearest ranks. */
  static double quantile(double[] values, double q) {
    if (values.length == 0) {
      return Double.NaN;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double rank = q * (sorted.length - 1);
    int below = (int) rank;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (rank - below) * (sorted[above] - sorted[below]);
  }
}
