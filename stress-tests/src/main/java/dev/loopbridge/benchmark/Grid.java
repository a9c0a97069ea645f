package dev.loopbridge.benchmark;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A heading and rows of text, each as long as the heading. */
record Grid(List<String> heading, List<List<String>> rows) {

  /** Returns a grid with a line for each arm; it has a column for each metric of the table. */
  static Grid of(Table table) {
    Metric main = Metric.of(table, table.metric());
    boolean compares = table.hasArm(table.baseline()) && table.rows().size() > 1;
    List<Metric> others = new ArrayList<>();
    for (String name : names(table)) {
      if (!name.equals(table.metric())) {
        others.add(Metric.of(table, name));
      }
    }
    List<String> heading = new ArrayList<>(List.of("arm", main.heading(), "quartiles"));
    if (compares) {
      heading.addAll(List.of("ratio", "in the rounds"));
    }
    others.forEach(metric -> heading.add(metric.heading()));
    List<List<String>> rows = new ArrayList<>();
    for (Table.Row row : table.rows()) {
      List<String> cells = new ArrayList<>();
      cells.add(row.arm());
      cells.add(median(row, main));
      cells.add(quartiles(row, main));
      if (compares) {
        addRatio(cells, table, row);
      }
      others.forEach(metric -> cells.add(median(row, metric)));
      rows.add(cells);
    }
    return new Grid(heading, rows);
  }

  /** Returns a grid with a line for each target. */
  static Grid of(List<Verdict> verdicts) {
    List<List<String>> rows = new ArrayList<>();
    for (Verdict verdict : verdicts) {
      Target target = verdict.target();
      rows.add(
          List.of(
              target.name(),
              target.kind() + " " + target.show(target.target()),
              target.show(target.stretch()),
              verdict.wasMeasured() ? Metric.figure(verdict.measured()) + target.unit() : "",
              verdict.wasMeasured() ? range(verdict.low(), verdict.high()) : "",
              verdict.outcome().toString()));
    }
    return new Grid(
        List.of("measure", "target", "stretch", "measured", "in the rounds", "verdict"), rows);
  }

  private static Set<String> names(Table table) {
    Set<String> names = new LinkedHashSet<>();
    table.rows().forEach(row -> names.addAll(row.metrics().keySet()));
    return names;
  }

  private static String median(Table.Row row, Metric metric) {
    return row.metrics().containsKey(metric.name()) ? metric.show(row.median(metric.name())) : "";
  }

  private static String quartiles(Table.Row row, Metric metric) {
    double[] values = row.metrics().get(metric.name());
    return values == null
        ? ""
        : metric.show(Table.quantile(values, 0.25))
            + " .. "
            + metric.show(Table.quantile(values, 0.75));
  }

  private static void addRatio(List<String> cells, Table table, Table.Row row) {
    boolean baseline = row.arm().equals(table.baseline());
    if (baseline || !row.metrics().containsKey(table.metric())) {
      cells.addAll(List.of(baseline ? "baseline" : "", ""));
      return;
    }
    double[] ratios = table.ratios(row.arm(), table.baseline(), table.metric());
    cells.add(Metric.figure(Table.median(ratios)) + "×");
    cells.add(range(Table.quantile(ratios, 0), Table.quantile(ratios, 1)));
  }

  private static String range(double low, double high) {
    return Metric.figure(low) + " .. " + Metric.figure(high);
  }

  /** Prints aligned columns, in letters that every terminal has. */
  void print(PrintStream out) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(heading);
    lines.addAll(rows);
    int[] widths = new int[heading.size()];
    for (List<String> line : lines) {
      for (int column = 0; column < widths.length; column++) {
        widths[column] = Math.max(widths[column], line.get(column).length());
      }
    }
    for (List<String> line : lines) {
      StringBuilder text = new StringBuilder();
      for (int column = 0; column < widths.length; column++) {
        String cell = line.get(column).replace('×', 'x').replace('µ', 'u');
        String padding = " ".repeat(widths[column] - cell.length());
        text.append("  ").append(column == 0 ? cell + padding : padding + cell);
      }
      out.println(text.toString().stripTrailing());
    }
  }
}
