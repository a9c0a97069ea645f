package dev.loopbridge.stress;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The stress suites: the command line. */
@Command(
    name = "stress",
    description = "Runs the stress suites.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing was found",
      "1:an invariant was violated",
      "2:the harness failed or was called wrongly",
      "3:something could not be explored to its end",
      "4:something hangs"
    })
public final class Main {

  private final PrintStream out;

  private Main(PrintStream out) {
    this.out = out;
  }

  public static void main(String... arguments) {
    System.exit(commandLine(System.out).execute(arguments));
  }

  /** Returns the command line that {@link #main} executes. */
  static CommandLine commandLine(PrintStream out) {
    return new CommandLine(new Main(out))
        .setExecutionExceptionHandler(
            (exception, command, parsed) -> {
              if (exception instanceof IllegalArgumentException) {
                command.getErr().println("stress: " + exception.getMessage());
              } else {
                exception.printStackTrace(command.getErr());
              }
              return Finding.Kind.HARNESS.exitCode;
            });
  }

  @Command(name = "list", description = "names the suites, the kinds of loop and the invariants")
  private int list(@Mixin Options options) {
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

  @Command(
      name = "report",
      description = "prints the last run of the ledger, and its part of this module's README")
  private int report(@Mixin Options options) throws IOException {
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

  @Command(name = "run", description = "runs all suites, or those of --suite")
  private int run(@Mixin Options options) throws IOException, InterruptedException {
    return run(options, options.what("run"), options.order(), options.suites());
  }

  @Command(name = "replay", description = "repeats the case that a finding named")
  private int replay(
      @Parameters(paramLabel = "SUITE/SEED[/SCENE]", description = "the name that a finding gave")
          String name,
      @Mixin Options options)
      throws IOException, InterruptedException {
    String[] parts = name.split("/", 3);
    if (parts.length < 2 || !parts[1].matches("-?\\d+")) {
      throw new IllegalArgumentException(
          "replay needs the name that a finding gave, SUITE/SEED or SUITE/SEED/SCENE, not " + name);
    }
    Order order = options.order().of(Long.parseLong(parts[1]), parts.length > 2 ? parts[2] : "");
    return run(options, options.what("replay " + name), order, List.of(Suites.named(parts[0])));
  }

  @Command(
      name = "self-check",
      description = "plants each known bug and shows that its suite finds it")
  private int selfCheck(@Mixin Options options) throws IOException, InterruptedException {
    return SelfCheck.run(options, out);
  }

  private int run(Options options, String what, Order order, List<Suite> suites)
      throws IOException, InterruptedException {
    Map<String, String> facts = Run.facts(what, order);
    facts.put("jdk", Jdk.version(options.jdk()));
    List<SuiteResult> results = new ArrayList<>();
    for (Suite suite : suites) {
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
