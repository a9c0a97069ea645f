package dev.loopbridge.benchmark;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/**
 * The way to show a metric of a table: in the unit that suits its values.
 *
 * @param divisor how many of the metric's own units the shown unit is
 */
record Metric(String name, String heading, double divisor) {

  static final String CPU_NS_PER_SECOND = "cpuNsPerSecond";
  static final String WAKES_PER_SECOND = "wakesPerSecond";

  /** The least that is shown in a unit before the next smaller one is taken. */
  private static final double LEAST = 10;

  private static final double MICRO = 1e3;
  private static final double MILLI = 1e6;

  static Metric of(Table table, String name) {
    return switch (name) {
      case "ns" -> time(table, name, "", "/op");
      case "cpuNs" -> time(table, name, "CPU ", "/op");
      case "loopCpuNs" -> time(table, name, "loop CPU ", "/op");
      case "workerCpuNs" -> time(table, name, "worker CPU ", "/op");
      case "delayNs" -> time(table, name, "run delay ", "/op");
      case "p999Ns" -> time(table, name, "p99.9 ", "");
      case "bytes", "upcalls", "downcalls", "turns" -> new Metric(name, name + "/op", 1);
      case "requestsPerSecond" -> new Metric(name, "requests/s", 1);
      case "millis" -> new Metric(name, "ms", 1);
      case CPU_NS_PER_SECOND -> new Metric(name, "CPU ns/s", 1);
      case WAKES_PER_SECOND -> new Metric(name, "wakes/s", 1);
      default ->
          name.endsWith("Ns")
              ? time(table, name, name.substring(0, name.length() - 2) + " ", "")
              : new Metric(name, name, 1);
    };
  }

  private static Metric time(Table table, String name, String before, String after) {
    double least =
        table.rows().stream()
            .filter(row -> row.metrics().containsKey(name))
            .mapToDouble(row -> row.median(name))
            .min()
            .orElse(0);
    if (least >= LEAST * MILLI) {
      return new Metric(name, before + "ms" + after, MILLI);
    }
    if (least >= LEAST * MICRO) {
      return new Metric(name, before + "µs" + after, MICRO);
    }
    return new Metric(name, before + "ns" + after, 1);
  }

  /** Returns the value in the shown unit. */
  String show(double value) {
    return figure(value / divisor);
  }

  /** Formats a number for readers: 1 234, 56.7, 8.90, 0.123, 0.004; "-" where there is none. */
  static String figure(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    double size = Math.abs(value);
    if (size < 0.00005) {
      return "0";
    }
    if (size < 0.01) {
      return BigDecimal.valueOf(value).round(new MathContext(1)).toPlainString();
    }
    String digits = size < 1 ? "%.3f" : size < 10 ? "%.2f" : size < 100 ? "%.1f" : "%,.0f";
    return String.format(Locale.ROOT, digits, value).replace(',', ' ');
  }

  /** Formats a number without zeros at the end of a fraction: 8, 1.5, 100 000. */
  static String round(double value) {
    String figure = figure(value);
    return figure.contains(".") ? figure.replaceAll("\\.?0+$", "") : figure;
  }
}
