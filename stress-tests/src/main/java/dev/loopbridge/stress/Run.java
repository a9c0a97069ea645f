package dev.loopbridge.stress;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run of the command: its suites, its surroundings, and its results.
 *
 * @param facts the facts that a reader needs to repeat the run: date, commit, machine, seed
 * @param suites the results, in the order in which they ran
 */
record Run(Map<String, String> facts, List<SuiteResult> suites) {

  static Map<String, String> facts(String what, Order order) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("what", what);
    facts.put("date", OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS).toString());
    facts.put("commit", order.checkout().map(Commit::of).orElse("unknown"));
    facts.put("seed", String.valueOf(order.seed()));
    facts.put("tier", order.tier().name());
    facts.put("cpus", String.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + ", "
            + System.getProperty("os.arch"));
    return facts;
  }

  /** Returns the weightiest finding. */
  Optional<Finding> worst() {
    return suites.stream()
        .flatMap(suite -> suite.findings().stream())
        .min(Comparator.comparing(Finding::kind));
  }

  int exitCode() {
    return worst().map(finding -> finding.kind().exitCode).orElse(0);
  }

  Duration time() {
    return suites.stream().map(SuiteResult::time).reduce(Duration.ZERO, Duration::plus);
  }
}
