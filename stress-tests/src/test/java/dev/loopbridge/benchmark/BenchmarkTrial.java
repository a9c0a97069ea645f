package dev.loopbridge.benchmark;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Runs the experiments that have no test of their own, at the least effort. */
final class BenchmarkTrial {

  private static final Set<String> TESTED_ELSEWHERE = Set.of("peer", "web");

  /** The arms that need a JDK newer than the oldest supported one. */
  private static final List<String> OF_NEWER_JDKS =
      Runtime.version().feature() < Foreign.FIRST_JDK
          ? List.of(CallOverhead.FOREIGN, CpuLoop.VIRTUAL_THREADS)
          : List.of();

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
            .filter(name -> OF_NEWER_JDKS.stream().noneMatch(name::endsWith))
            .toList();
    results.notes().forEach(System.out::println);
    if (!missing.isEmpty()) {
      System.out.println("not measured: " + missing);
    }
    System.exit(failed || !missing.isEmpty() ? 1 : 0);
  }
}
