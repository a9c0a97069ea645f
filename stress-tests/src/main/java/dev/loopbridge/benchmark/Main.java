package dev.loopbridge.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The benchmark. Measures everything, prints the tables, and writes {@code results.json} and the
 * page {@code index.html}.
 *
 * <pre>
 * --quick          two minutes instead of seven
 * --only A,B       only these experiments
 * --check          exit with 1 if a ratio fell behind what is expected of it
 * --out DIRECTORY  where the files go; "benchmark-results" by default
 * --record FILE    add the figures to FILE, and print the tables that the READMEs show of it
 * </pre>
 *
 * <p>An experiment that fails is noted and the others go on; then the exit code is 2, as it is for
 * arguments that make no sense.
 */
public final class Main {

  private static final Map<String, Experiment> EXPERIMENTS = experiments();

  private Main() {}

  private static Map<String, Experiment> experiments() {
    Map<String, Experiment> experiments = new LinkedHashMap<>();
    experiments.put("trips", Trips::measure);
    experiments.put("linger", Trips::lingering);
    experiments.put("idle", IdleLatency::measure);
    experiments.put("completions", Completions::measure);
    experiments.put("futures", Futures::measure);
    experiments.put("asking", Asking::measure);
    experiments.put("payloads", Trips::payloads);
    experiments.put("saturated", Trips::saturated);
    experiments.put("cancel", Cancels::measure);
    experiments.put("pending", Scaling::pending);
    experiments.put("workers", Scaling::workers);
    experiments.put("loops", Scaling::loops);
    experiments.put("idle-port", IdlePort::measure);
    experiments.put("memory", Memory::measure);
    experiments.put("crossing", Crossing::measure);
    experiments.put("local-ready", LocalReady::measure);
    experiments.put("local-woken", LocalWoken::measure);
    experiments.put("pinned", Pinned::measure);
    experiments.put("ticket-drop", TicketDrop::measure);
    experiments.put("startup", StartUp::measure);
    experiments.put("peer", (harness, notes) -> Peer.measure(harness.effort(), notes));
    experiments.put("web", (harness, notes) -> WebServer.measure(harness.effort(), notes));
    return experiments;
  }

  public static void main(String... arguments) throws IOException {
    Options options;
    try {
      options = Options.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println("benchmark: " + e.getMessage());
      System.exit(2);
      return;
    }
    Results results = new Results(options.effort);
    boolean failed = run(options, results);
    Files.createDirectories(options.directory);
    results.write(options.directory.resolve("results.json"));
    Page.write(results, options.directory.resolve("index.html"));
    results.printTargets(System.out);
    if (options.record.isPresent()) {
      Figures.record(results, options.record.get());
      System.out.println(Figures.of(options.record.get()).text());
    }
    System.out.println("written to " + options.directory.toAbsolutePath().normalize());
    boolean behind = options.check && !holds(results);
    System.exit(failed ? 2 : behind ? 1 : 0);
  }

  /** Runs what is asked for; whether any of it failed. */
  static boolean run(Options options, Results results) {
    Harness harness = new Harness(options.effort);
    boolean failed = false;
    for (Map.Entry<String, Experiment> experiment : EXPERIMENTS.entrySet()) {
      if (!options.only.contains(experiment.getKey())) {
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

  /** What the command line asks for. */
  record Options(
      Effort effort, Set<String> only, boolean check, Path directory, Optional<Path> record) {

    static Options parse(String... arguments) {
      Effort effort = Effort.FULL;
      Set<String> only = EXPERIMENTS.keySet();
      boolean check = false;
      Path directory = Path.of("benchmark-results");
      Optional<Path> record = Optional.empty();
      for (int i = 0; i < arguments.length; i++) {
        switch (arguments[i]) {
          case "--quick" -> effort = Effort.QUICK;
          case "--check" -> check = true;
          case "--only" -> only = experiments(value(arguments, ++i));
          case "--out" -> directory = Path.of(value(arguments, ++i));
          case "--record" -> record = Optional.of(Path.of(value(arguments, ++i)));
          default ->
              throw new IllegalArgumentException(
                  "unknown argument "
                      + arguments[i]
                      + ", expected --quick, --check, --only EXPERIMENTS, --out DIRECTORY or"
                      + " --record FILE");
        }
      }
      return new Options(effort, only, check, directory, record);
    }

    private static String value(String[] arguments, int at) {
      if (at == arguments.length) {
        throw new IllegalArgumentException(arguments[at - 1] + " needs a value");
      }
      return arguments[at];
    }

    private static Set<String> experiments(String list) {
      Set<String> names = new TreeSet<>(List.of(list.split(",")));
      for (String name : names) {
        if (!EXPERIMENTS.containsKey(name)) {
          throw new IllegalArgumentException(
              "there is no experiment " + name + ", only " + EXPERIMENTS.keySet());
        }
      }
      return names;
    }
  }
}
