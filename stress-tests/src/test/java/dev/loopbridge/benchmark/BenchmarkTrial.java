package dev.loopbridge.benchmark;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Runs the experiments that have no test of their own, at the least effort. */
final class BenchmarkTrial {

  private static final Set<String> TESTED_ELSEWHERE = Set.of("peer", "web");

  private BenchmarkTrial() {}

  public static void main(String... arguments) {
    Set<String> names = new LinkedHashSet<>(Main.names());
    names.removeAll(TESTED_ELSEWHERE);
    Results results = new Results(Effort.TRIAL);
    boolean failed = Main.run(Effort.TRIAL, names, Set.of(), results);
    List<String> missing =
        Figures.all().stream()
            .map(target -> target.judge(results))
            .filter(verdict -> !verdict.wasMeasured())
            .map(verdict -> verdict.target().name())
            .filter(name -> !name.contains("peer") && !name.contains("route"))
            .toList();
    results.notes().forEach(System.out::println);
    if (!missing.isEmpty()) {
      System.out.println("not measured: " + missing);
    }
    System.exit(failed || !missing.isEmpty() ? 1 : 0);
  }
}
