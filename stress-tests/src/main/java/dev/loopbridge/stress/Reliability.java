package dev.loopbridge.stress;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes the part of this module's README that shows a recorded run with the tries of each promise.
 */
final class Reliability {

  /** The name of a loop kind at the end of a count's text. */
  private static final Pattern ON_A_LOOP = Pattern.compile(" on [\\w-]+(\\(.*\\))?(?= that |$)");

  private Reliability() {}

  static String text(Run run) {
    Map<String, String> facts = run.facts();
    List<Report.Row> rows = Report.rows(run);
    return String.format(
            Locale.ROOT,
            "Recorded on %s at commit %s: `%s`, seed %s, JDK %s, %s CPUs, %s; %d minutes.%n%n",
            facts.get("date").substring(0, 10),
            facts.get("commit"),
            facts.get("what"),
            facts.get("seed"),
            facts.get("jdk"),
            facts.get("cpus"),
            facts.get("system"),
            Math.max(1, run.time().toSeconds() / 60))
        + "| | what must hold | tried | failed | at most |\n|---|---|---|---|---|\n"
        + rows.stream()
            .filter(row -> row.most() > 0)
            .map(Reliability::line)
            .collect(Collectors.joining("\n", "", "\n"))
        + rows.stream()
            .filter(row -> row.most() == 0)
            .map(row -> row.invariant() + " (" + row.invariant().text() + ")")
            .collect(Collectors.joining("; ", "\nNot tried by this run: ", ".\n"));
  }

  private static String line(Report.Row row) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s |",
        row.invariant(),
        row.invariant().text(),
        Report.counts(overLoops(row.tried())),
        row.verdict().equals("held") ? "0" : row.verdict(),
        row.bound());
  }

  /** Adds up the counts of all kinds of loop. */
  private static Map<String, Long> overLoops(Map<String, Long> tried) {
    Map<String, Long> sums = new LinkedHashMap<>();
    tried.forEach((what, count) -> sums.merge(anywhere(what), count, Long::sum));
    return sums;
  }

  private static String anywhere(String what) {
    return ON_A_LOOP.matcher(what).replaceFirst("");
  }
}
