package dev.loopbridge.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Shows that the suites notice bugs: plants each known bug in a copy of the checkout, builds the
 * copy, and runs the suite that must find the bug. Without a bug the suite must find nothing in the
 * copy.
 */
final class SelfCheck {

  private static final String NAME = "self-check";

  private SelfCheck() {}

  /** Returns the bugs of these ids; all if no id is given. */
  static List<SeededBug> bugs(List<String> ids) {
    for (String id : ids) {
      if (SeededBugs.all().stream().noneMatch(bug -> bug.id().equals(id))) {
        throw new IllegalArgumentException(
            "there is no seeded bug "
                + id
                + ", only "
                + String.join(", ", SeededBugs.all().stream().map(SeededBug::id).toList()));
      }
    }
    return SeededBugs.all().stream()
        .filter(bug -> ids.isEmpty() || ids.contains(bug.id()))
        .toList();
  }

  static int run(Options options, PrintStream out) throws IOException, InterruptedException {
    Optional<Path> original = options.order().checkout();
    if (original.isEmpty()) {
      System.err.println(
          "stress: self-check builds the product: run it in a checkout, or name one by --source");
      return Finding.Kind.HARNESS.exitCode;
    }
    List<SeededBug> bugs = bugs(options.only());
    SuiteResult result = new SuiteResult(NAME);
    long began = System.nanoTime();
    try {
      SeededCheckout seeded = new SeededCheckout(original.get(), options.out().resolve(NAME));
      Set<String> suites = new LinkedHashSet<>();
      bugs.forEach(bug -> suites.add(bug.suite()));
      SuiteProcess.Patch clean = seeded.clean();
      for (String suite : suites) {
        checkClean(options, seeded, clean, suite, result, out);
      }
      for (SeededBug bug : bugs) {
        check(options, seeded, bug, result, out);
      }
    } catch (MissingToolException e) {
      result.add(new Finding(Finding.Kind.HARNESS, null, NAME + " " + e.getMessage(), ""));
    }
    result.took(Duration.ofNanos(System.nanoTime() - began));
    Map<String, String> facts = Run.facts(options.what(NAME), options.order());
    facts.put("jdk", Jdk.version(options.jdk()));
    Run run = new Run(facts, List.of(result));
    new Ledger(options.ledger()).append(run);
    Report.print(run, out);
    return run.exitCode();
  }

  /** Runs a suite without a bug: if it has findings then, its findings with a bug prove nothing. */
  private static void checkClean(
      Options options,
      SeededCheckout seeded,
      SuiteProcess.Patch clean,
      String suite,
      SuiteResult result,
      PrintStream out)
      throws IOException, InterruptedException {
    Order order = order(options, seeded, Tier.T0, Optional.empty());
    SuiteResult outcome =
        SuiteProcess.run(Suites.named(suite), order, options.jdk(), clean, line -> {});
    boolean quiet = outcome.findings().isEmpty();
    result.control(suite + " finds nothing where no bug is planted", quiet);
    out.println(
        "== " + suite + " without a bug: " + (quiet ? "nothing found" : outcome.findings()));
    if (!quiet) {
      result.add(
          new Finding(
              Finding.Kind.HARNESS, null, suite + " without a bug: " + outcome.findings(), ""));
    }
  }

  private static void check(
      Options options, SeededCheckout seeded, SeededBug bug, SuiteResult result, PrintStream out)
      throws IOException, InterruptedException, MissingToolException {
    Order order =
        order(
            options,
            seeded,
            Tier.T1,
            bug.scene().isEmpty() ? Optional.empty() : Optional.of(bug.scene()));
    SuiteProcess.Patch patch = seeded.plant(bug);
    SuiteResult outcome;
    try {
      outcome =
          SuiteProcess.runUntilFound(
              Suites.named(bug.suite()), order, options.jdk(), patch, bug.budget());
    } finally {
      seeded.heal(bug);
    }
    Optional<Finding> found =
        outcome.findings().stream()
            .filter(
                finding ->
                    finding.kind() == Finding.Kind.VIOLATED
                        || finding.kind() == Finding.Kind.HANG && !outcome.wasOutOfTime())
            .findFirst();
    String line =
        String.format(
            Locale.ROOT,
            "%-4s %-9s %-7s %5.1f s  %s",
            bug.id(),
            bug.suite(),
            found.isPresent() ? "found" : "MISSED",
            outcome.time().toMillis() / 1000.0,
            bug.about());
    out.println(line);
    result.note(line);
    result.note("     " + found.map(SelfCheck::firstLine).orElse(outcome.findings().toString()));
    if (found.isPresent()) {
      result.ran(Invariant.I28, "planted bugs found", 1);
    } else {
      result.add(
          new Finding(
              Finding.Kind.VIOLATED,
              Invariant.I28,
              bug.suite() + " missed " + bug.id() + ": " + bug.about(),
              ""));
    }
  }

  private static String firstLine(Finding finding) {
    String line = finding.text().lines().findFirst().orElse("");
    return (finding.invariant() == null ? "" : finding.invariant() + ": ")
        + (line.length() > 160 ? line.substring(0, 160) + "…" : line);
  }

  private static Order order(
      Options options, SeededCheckout seeded, Tier tier, Optional<String> scene) {
    Order asked = options.order();
    return new Order(
        tier,
        asked.seed(),
        asked.time(),
        asked.loops(),
        Optional.of(seeded.root()),
        asked.directory().resolve(NAME),
        scene);
  }
}
