package dev.loopbridge.stress;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Prints a run: a table with a row for each invariant, and the findings. */
final class Report {

  private static final String HEADER =
      "| id | invariant | tried | at most, 95 % | suites | time | verdict |";
  private static final String RULE = "|---|---|---|---|---|---|---|";

  private Report() {}

  /**
   * The tries of all suites of a run for one invariant.
   *
   * @param tried the counts, each with the text of what it counts
   * @param most the greatest of these counts
   */
  record Row(
      Invariant invariant,
      Map<String, Long> tried,
      long most,
      Set<String> suites,
      long millis,
      String verdict) {

    /**
     * The greatest share of failures that would have shown none in so many tries, 19 times out of
     * 20: three out of as many. This holds for tries like these, on this machine.
     */
    String bound() {
      return most == 0 ? "" : String.format(Locale.ROOT, "%.0e", Math.min(1, 3.0 / most));
    }
  }

  static List<Row> rows(Run run) {
    List<Row> rows = new ArrayList<>();
    for (Invariant invariant : Invariant.values()) {
      Map<String, Long> tried = new LinkedHashMap<>();
      Set<String> suites = new LinkedHashSet<>();
      long most = 0;
      long millis = 0;
      String verdict = "not tried";
      boolean broken = false;
      for (SuiteResult suite : run.suites()) {
        boolean accused =
            suite.findings().stream()
                .anyMatch(
                    finding ->
                        finding.invariant() == invariant
                            && finding.kind() != Finding.Kind.INCOMPLETE
                            && finding.kind() != Finding.Kind.HARNESS);
        broken |= accused;
        if (!suite.counts().containsKey(invariant)) {
          continue;
        }
        for (Map.Entry<String, Long> count : suite.counts().get(invariant).entrySet()) {
          tried.merge(count.getKey(), count.getValue(), Long::sum);
          most = Math.max(most, count.getValue());
        }
        suites.add(suite.suite());
        millis += suite.time().toMillis();
        verdict = "held";
      }
      rows.add(new Row(invariant, tried, most, suites, millis, broken ? "BROKEN" : verdict));
    }
    return rows;
  }

  /** Returns the report as Markdown, which is readable on a terminal too. */
  static String table(Run run) {
    return rows(run).stream()
        .map(
            row ->
                String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s | %s |",
                    row.invariant(),
                    row.invariant().text(),
                    counts(row.tried()),
                    row.bound(),
                    String.join(", ", row.suites()),
                    row.millis() == 0 ? "" : seconds(row.millis()),
                    row.verdict()))
        .collect(Collectors.joining("\n", HEADER + "\n" + RULE + "\n", "\n"));
  }

  static String counts(Map<String, Long> tried) {
    return tried.entrySet().stream()
        .map(count -> String.format(Locale.ROOT, "%,d %s", count.getValue(), count.getKey()))
        .collect(Collectors.joining("; "));
  }

  static void print(Run run, PrintStream out) {
    out.println();
    run.facts().forEach((name, fact) -> out.println(name + ": " + fact));
    out.println();
    out.print(table(run));
    out.println();
    for (SuiteResult suite : run.suites()) {
      out.println(
          suite.suite()
              + ": "
              + seconds(suite.time().toMillis())
              + (suite.findings().isEmpty() ? ", nothing found" : ""));
      suite
          .controls()
          .forEach(
              (name, noticed) ->
                  out.println("  control " + (noticed ? "noticed: " : "NOT NOTICED: ") + name));
      suite.notes().forEach(note -> out.println("  " + note));
      for (Finding finding : suite.findings()) {
        out.println(
            "  "
                + finding.kind()
                + (finding.invariant() == null ? "" : " " + finding.invariant())
                + ": "
                + finding.text());
        if (!finding.replay().isEmpty()) {
          out.println("    again: replay " + finding.replay());
        }
      }
    }
    out.println();
    out.println(
        "in "
            + seconds(run.time().toMillis())
            + ": "
            + run.worst().map(finding -> finding.kind().toString()).orElse("nothing found"));
  }

  private static String seconds(long millis) {
    return millis < 10_000
        ? String.format(Locale.ROOT, "%.1f s", millis / 1000.0)
        : String.format(Locale.ROOT, "%d s", millis / 1000);
  }
}
