package dev.loopbridge.benchmark;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A table's main metric as SVG: a bar for each arm's median, a whisker for its quartiles. */
final class Chart {

  /** Beyond that between two medians, lengths are logarithms. */
  private static final double LOGARITHMIC_FROM = 50;

  private static final int WIDTH = 900;
  private static final int LEFT = 280;
  private static final int RIGHT = 800;
  private static final int BAR = 18;
  private static final int LINE = 26;
  private static final int MOST_TICKS = 6;

  private final Table table;
  private final List<Table.Row> rows;
  private final Metric metric;
  private final boolean logarithmic;
  private final double low;
  private final double high;
  private final StringBuilder svg = new StringBuilder();

  Chart(Table table) {
    this.table = table;
    rows = table.rows().stream().filter(row -> drawable(row, table.metric())).toList();
    metric = Metric.of(table, table.metric());
    double[] medians = rows.stream().mapToDouble(row -> quantile(row, 0.5)).toArray();
    double least = Arrays.stream(medians).min().orElse(0);
    double greatest = Arrays.stream(medians).max().orElse(0);
    double lowest = rows.stream().mapToDouble(row -> quantile(row, 0.25)).min().orElse(0);
    logarithmic = lowest > 0 && greatest / least > LOGARITHMIC_FROM;
    low = logarithmic ? Math.pow(10, Math.floor(Math.log10(lowest) - 0.1)) : 0;
    high = rows.stream().mapToDouble(row -> quantile(row, 0.75)).max().orElse(0);
  }

  private static boolean drawable(Table.Row row, String metric) {
    double[] values = row.metrics().getOrDefault(metric, new double[0]);
    return values.length > 0 && Arrays.stream(values).allMatch(Double::isFinite);
  }

  /** In the shown unit. */
  private double quantile(Table.Row row, double q) {
    return Table.quantile(row.metrics().get(metric.name()), q) / metric.divisor();
  }

  String svg() {
    int bottom = rows.size() * LINE + 4;
    add("<svg viewBox=\"0 0 %d %d\" role=\"img\">", WIDTH, bottom + 40);
    add("<title>%s</title>", Page.escape(table.title()));
    ticks(bottom);
    for (int line = 0; line < rows.size(); line++) {
      bar(rows.get(line), line * LINE + 4);
    }
    add(
        "<text x=\"%d\" y=\"%d\" class=\"middle\">%s</text>",
        (LEFT + RIGHT) / 2, bottom + 34, Page.escape(caption()));
    return svg.append("</svg>\n").toString();
  }

  private String caption() {
    return metric.heading()
        + (logarithmic ? ", logarithmic scale" : "")
        + (table.lessIsBetter() ? ", less is better" : ", more is better");
  }

  private void bar(Table.Row row, int top) {
    double median = quantile(row, 0.5);
    double middle = top + BAR / 2.0;
    double from = x(quantile(row, 0.25));
    double to = x(quantile(row, 0.75));
    add(
        "<text x=\"%d\" y=\"%.1f\" class=\"end\">%s</text>",
        LEFT - 8, middle + 4, Page.escape(row.arm()));
    add(
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" class=\"%s\"/>",
        LEFT, top, Math.max(0, x(median) - LEFT), BAR, Family.of(row.arm()).style());
    add(
        "<path d=\"M%.1f %.1fH%.1fM%.1f %.1fv8M%.1f %.1fv8\" class=\"whisker\"/>",
        from, middle, to, from, middle - 4, to, middle - 4);
    add(
        "<text x=\"%.1f\" y=\"%.1f\">%s</text>",
        Math.max(to, x(median)) + 6, middle + 4, Metric.figure(median));
  }

  private void ticks(int bottom) {
    double step = logarithmic ? 0 : step(high);
    double tick = low;
    while (tick <= high) {
      double x = x(tick);
      add("<path d=\"M%.1f 0V%d\" class=\"tick\"/>", x, bottom);
      add(
          "<text x=\"%.1f\" y=\"%d\" class=\"middle\">%s</text>",
          x, bottom + 16, Metric.round(tick));
      if (high <= 0) {
        return;
      }
      tick = logarithmic ? tick * 10 : tick + step;
    }
  }

  /** 1, 2 or 5 with zeros. */
  private static double step(double high) {
    double least = high / MOST_TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (int times : new int[] {1, 2, 5}) {
      if (times * power >= least) {
        return times * power;
      }
    }
    return 10 * power;
  }

  private double x(double value) {
    if (high <= low) {
      return LEFT;
    }
    double part =
        logarithmic
            ? Math.log10(Math.max(value, low) / low) / Math.log10(high / low)
            : value / high;
    return LEFT + part * (RIGHT - LEFT);
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
