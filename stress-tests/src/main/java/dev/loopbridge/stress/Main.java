package dev.loopbridge.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The stress suites.
 *
 * <pre>
 * list                     the suites, the loop kinds and the invariants
 * run                      all suites, or those of --suite
 * replay NAME              the case that a finding named
 * report                   the last run of the ledger, and its part of this module's README
 * self-check               plants each known bug and shows that its suite finds it
 *
 * --suite A,B              only these suites; of self-check only these bugs
 * --tier T0|T1|T2          3, 30 or 150 minutes; T1 if not given
 * --seed N                 where all that is random begins; the clock if not given
 * --time D                 how long open searches go on each, such as 30s or 5m
 * --loops A,B              only these kinds of loop
 * --jdk HOME               the JDK the suites run on; this one's if not given
 * --source DIRECTORY       the checkout; the one around the working directory if not given
 * --out DIRECTORY          where logs, stacks and results.json go; "stress-results"
 * --ledger FILE            where a line for each run is added; "ledger.jsonl"
 * </pre>
 *
 * <p>Exit codes: 0 nothing found, 1 an invariant was violated, 2 the harness failed or was called
 * wrongly, 3 something could not be explored to its end, 4 something hangs.
 */
public final class Main {

  private Main() {}

  public static void main(String... arguments) throws Exception {
    System.exit(run(System.out, arguments));
  }

  /** What {@link #main} does; returns the exit code. */
  static int run(PrintStream out, String... arguments) throws IOException, InterruptedException {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("stress: " + e.getMessage());
      return Finding.Kind.HARNESS.exitCode;
    }
    return switch (options.verb()) {
      case LIST -> list(out);
      case REPORT -> report(options, out);
      case SELF_CHECK -> SelfCheck.run(options, out);
      case RUN, REPLAY -> suites(options, out);
    };
  }

  private static int list(PrintStream out) {
    out.println("suites");
    Suites.all().forEach(suite -> out.printf("  %-12s %s%n", suite.name(), suite.about()));
    out.println("loops");
    for (LoopKind kind : Loops.all().values()) {
      String reason = kind.unavailable();
      out.printf("  %-14s %s%n", kind.name(), reason.isEmpty() ? "" : "left out: " + reason);
    }
    out.println("invariants");
    for (Invariant invariant : Invariant.values()) {
      out.printf("  %-4s %s%n", invariant, invariant.text());
    }
    return 0;
  }

  private static int report(Options options, PrintStream out) throws IOException {
    List<Run> runs = new Ledger(options.ledger()).runs();
    if (runs.isEmpty()) {
      System.err.println("stress: there is no run in " + options.ledger());
      return Finding.Kind.HARNESS.exitCode;
    }
    Run last = runs.get(runs.size() - 1);
    Report.print(last, out);
    out.println();
    out.print(Reliability.text(last));
    return last.exitCode();
  }

  private static int suites(Options options, PrintStream out)
      throws IOException, InterruptedException {
    Order order = options.order();
    Map<String, String> facts = Run.facts(options.what(), order);
    facts.put("jdk", Jdk.version(options.jdk()));
    List<SuiteResult> results = new ArrayList<>();
    for (Suite suite : options.suites()) {
      out.println("== " + suite.name() + ": " + suite.about());
      results.add(
          SuiteProcess.run(
              suite,
              order,
              options.jdk(),
              SuiteProcess.Patch.NONE,
              line -> out.println("  " + line)));
    }
    Run run = new Run(facts, results);
    new Ledger(options.ledger()).append(run);
    Files.writeString(
        options.out().resolve("results.json"), Ledger.json(run).encodePrettily() + "\n");
    Report.print(run, out);
    return run.exitCode();
  }
}
