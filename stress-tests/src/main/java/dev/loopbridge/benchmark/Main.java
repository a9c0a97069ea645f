package dev.loopbridge.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The benchmark: the command line. Measures everything, prints the tables, and writes {@code
 * results.json} and the page {@code index.html}. An experiment that fails is noted and the others
 * go on.
 */
@Command(
    name = "benchmark",
    description = "Measures Loopbridge beside pure Java, hand-written JNI and a published library.",
    mixinStandardHelpOptions = true,
    exitCodeOnExecutionException = 2,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all was measured",
      "1:with --check, a figure fell behind what is expected of it",
      "2:an experiment failed, or the arguments make no sense"
    })
public final class Main implements Callable<Integer> {

  private static final Map<String, Experiment> EXPERIMENTS = experiments();

  @Spec private CommandSpec spec;

  @Option(names = "--quick", description = "four minutes instead of ten")
  private boolean quick;

  @Option(names = "--only", split = ",", paramLabel = "A,B", description = "only these experiments")
  private Set<String> only = EXPERIMENTS.keySet();

  @Option(
      names = "--arms",
      split = ",",
      paramLabel = "TEXT,TEXT",
      description = "only arms whose name contains one of these texts")
  private Set<String> arms = Set.of();

  @Option(
      names = "--check",
      description = "exit with 1 if a ratio fell behind what is expected of it")
  private boolean check;

  @Option(names = "--out", description = "where the files go: ${DEFAULT-VALUE}")
  private Path directory = Path.of("benchmark-results");

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "adds the figures to a file, and prints the tables that the READMEs show of it")
  private Path record;

  private Main() {}

  static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  static Set<String> names() {
    return EXPERIMENTS.keySet();
  }

  private static Map<String, Experiment> experiments() {
    Map<String, Experiment> experiments = new LinkedHashMap<>();
    experiments.put("trips", Trips::measure);
    experiments.put("linger", Trips::lingering);
    experiments.put("idle", IdleLatency::measure);
    experiments.put("completions", Completions::measure);
    experiments.put("futures", Futures::measure);
    experiments.put("asking", Asking::measure);
    experiments.put("payloads", Trips::payloads);
    experiments.put("payload-sizes", PayloadSizes::measure);
    experiments.put("saturated", Trips::saturated);
    experiments.put("cancel", Cancels::measure);
    experiments.put("pending", Scaling::pending);
    experiments.put("workers", Scaling::workers);
    experiments.put("loops", Scaling::loops);
    experiments.put("idle-port", IdlePort::measure);
    experiments.put("memory", Memory::measure);
    experiments.put("crossing", Crossing::measure);
    experiments.put("call-overhead", CallOverhead::measure);
    experiments.put("cpu-loop", CpuLoop::measure);
    experiments.put("process", OtherProcess::measure);
    experiments.put("local-ready", LocalReady::measure);
    experiments.put("local-woken", LocalWoken::measure);
    experiments.put("pinned", Pinned::measure);
    experiments.put("ticket-drop", TicketDrop::measure);
    experiments.put("startup", StartUp::measure);
    experiments.put("peer", (harness, notes) -> Peer.measure(harness.effort(), notes));
    experiments.put("web", (harness, notes) -> WebServer.measure(harness.effort(), notes));
    return experiments;
  }

  public static void main(String... arguments) {
    System.exit(commandLine().execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    for (String name : only) {
      if (!EXPERIMENTS.containsKey(name)) {
        throw new ParameterException(
            spec.commandLine(), "there is no experiment " + name + ", only " + names());
      }
    }
    Effort effort = quick ? Effort.QUICK : Effort.FULL;
    Results results = new Results(effort);
    boolean failed = run(effort, only, arms, results);
    Files.createDirectories(directory);
    results.write(directory.resolve("results.json"));
    Page.write(results, directory.resolve("index.html"));
    results.printTargets(System.out);
    if (record != null) {
      Figures.record(results, record);
      System.out.println(Figures.of(record).text());
    }
    System.out.println("written to " + directory.toAbsolutePath().normalize());
    boolean behind = check && !holds(results);
    return failed ? 2 : behind ? 1 : 0;
  }

  /** Runs these experiments with these arms, or all; returns whether any of them failed. */
  static boolean run(Effort effort, Set<String> only, Set<String> arms, Results results) {
    Harness harness = new Harness(effort, arms);
    boolean failed = false;
    for (Map.Entry<String, Experiment> experiment : EXPERIMENTS.entrySet()) {
      if (!only.contains(experiment.getKey())) {
        continue;
      }
      try {
        for (Table table : experiment.getValue().measure(harness, results::note)) {
          results.add(table);
          Results.print(table, System.out);
        }
      } catch (Exception e) {
        failed = true;
        results.note(experiment.getKey() + ": failed, " + e);
        e.printStackTrace();
      }
    }
    results.discarded(harness.discarded());
    return failed;
  }

  private static boolean holds(Results results) {
    List<Verdict> behind =
        Targets.judge(results).stream()
            .filter(verdict -> !Targets.holds(verdict, Targets.TOLERANCE))
            .toList();
    for (Verdict verdict : behind) {
      Target target = verdict.target();
      System.out.printf(
          "behind: %s is %s, expected %s %s give or take %.0f %%%n",
          target.name(),
          target.show(verdict.measured()),
          target.kind(),
          target.show(target.expected()),
          100 * (1 - Targets.TOLERANCE));
    }
    return behind.isEmpty();
  }
}
