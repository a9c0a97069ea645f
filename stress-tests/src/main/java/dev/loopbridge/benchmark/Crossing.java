package dev.loopbridge.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** A plain synchronous crossing, by JMH; the arms take turns, each in a JVM of its own. */
final class Crossing {

  private static final int ITERATIONS = 3;

  private Crossing() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    // A lock in a directory for temporary files: another user's run would fail this one.
    System.setProperty("jmh.ignoreLock", "true");
    Effort effort = harness.effort();
    Map<String, List<Double>> rounds = new LinkedHashMap<>();
    int forks = (effort.rounds() + ITERATIONS - 1) / ITERATIONS;
    for (int fork = 0; fork < forks; fork++) {
      run(effort, Targets.BRIDGE, "bridge", rounds);
      run(effort, RoundTrips.NAIVE, "handWritten", rounds);
    }
    List<Table.Row> rows = new ArrayList<>();
    rounds.forEach(
        (arm, nanos) ->
            rows.add(
                new Table.Row(
                    arm,
                    Map.of(
                        Harness.NANOS,
                        nanos.stream().mapToDouble(Double::doubleValue).toArray()))));
    return List.of(
        new Table(
            "crossing",
            "Synchronous crossing: the address of a direct buffer",
            Harness.NANOS,
            true,
            RoundTrips.NAIVE,
            rows));
  }

  private static void run(
      Effort effort, String arm, String method, Map<String, List<Double>> rounds) throws Exception {
    Options options =
        new OptionsBuilder()
            .include(CrossingBenchmark.class.getName() + "." + method + "$")
            .forks(effort.equals(Effort.TRIAL) ? 0 : 1)
            .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
            .warmupIterations(ITERATIONS)
            .warmupTime(TimeValue.nanoseconds(effort.sliceNanos()))
            .measurementIterations(ITERATIONS)
            .measurementTime(TimeValue.nanoseconds(effort.sliceNanos()))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    for (RunResult result : new Runner(options).run()) {
      result
          .getBenchmarkResults()
          .forEach(
              benchmark -> {
                for (IterationResult iteration : benchmark.getIterationResults()) {
                  rounds
                      .computeIfAbsent(arm, name -> new ArrayList<>())
                      .add(iteration.getPrimaryResult().getScore());
                }
              });
    }
  }
}
