package dev.loopbridge.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Compares arms in one process: in each round every arm runs for one slice, in an order drawn anew,
 * so that whatever slows the machine down slows all of them. A round in which other processes took
 * part of the machine is thrown away and repeated.
 */
final class Harness {

  /** Wall-clock time of an operation. */
  static final String NANOS = "ns";

  /** CPU time of an operation, of all threads and of the processes that work for the arm. */
  static final String CPU = "cpuNs";

  /** CPU time of an operation on the loops' threads. */
  static final String LOOP_CPU = "loopCpuNs";

  /** CPU time of an operation on the threads that work for loops: native or Java's. */
  static final String WORKER_CPU = "workerCpuNs";

  /** Time for which the loops' threads and those that work for them waited for a processor. */
  static final String DELAY = "delayNs";

  private final Effort effort;
  private final Random order = new Random(1);
  private final Set<String> only;
  private final AtomicInteger discarded;

  /**
   * @param only texts of which an arm's name has to contain one; empty for all arms
   */
  Harness(Effort effort, Set<String> only) {
    this(effort, only, new AtomicInteger());
  }

  private Harness(Effort effort, Set<String> only, AtomicInteger discarded) {
    this.effort = effort;
    this.only = only;
    this.discarded = discarded;
  }

  Effort effort() {
    return effort;
  }

  /** Returns the number of rounds thrown away so far. */
  int discarded() {
    return discarded.get();
  }

  /** Returns a harness that warms its arms up for longer; its discarded rounds count here too. */
  Harness warm() {
    return new Harness(effort.warm(), only, discarded);
  }

  /** Runs the arms against each other. */
  Table compare(String id, String title, String baseline, List<Arm> arms) throws Exception {
    return compare(id, title, NANOS, baseline, arms, effort.sliceNanos());
  }

  /**
   * Runs the arms by another metric or with slices of another length, for operations that take long
   * themselves.
   */
  Table compare(
      String id, String title, String metric, String baseline, List<Arm> all, long sliceNanos)
      throws Exception {
    List<Arm> arms =
        all.stream()
            .filter(arm -> only.isEmpty() || only.stream().anyMatch(arm.name()::contains))
            .toList();
    for (Arm arm : arms) {
      warmUp(arm);
    }
    List<Map<Arm, Slice>> rounds = new ArrayList<>();
    int spare = effort.rounds() / 2;
    while (rounds.size() < effort.rounds()) {
      List<Arm> shuffled = new ArrayList<>(arms);
      Collections.shuffle(shuffled, order);
      Map<Arm, Slice> round = new LinkedHashMap<>();
      boolean disturbed = false;
      for (Arm arm : shuffled) {
        Slice slice = Slice.of(arm, sliceNanos);
        disturbed |= slice.disturbed();
        round.put(arm, slice);
      }
      if (disturbed && spare-- > 0) {
        discarded.incrementAndGet();
        continue;
      }
      rounds.add(round);
    }
    List<Table.Row> rows = new ArrayList<>();
    for (Arm arm : arms) {
      rows.add(row(metric, arm, rounds.stream().map(round -> round.get(arm)).toList()));
    }
    return new Table(id, title, metric, true, baseline, rows);
  }

  /** Runs an arm as often as it takes to use up its time. */
  private void warmUp(Arm arm) throws Exception {
    long end = System.nanoTime() + effort.warmUpNanos();
    long left = effort.warmUpNanos();
    do {
      arm.prepare();
      arm.run(left);
      left = end - System.nanoTime();
    } while (left > 0);
  }

  private static Table.Row row(String metric, Arm arm, List<Slice> slices) {
    Map<String, double[]> metrics = new LinkedHashMap<>();
    if (metric.equals(NANOS) || metric.equals(CPU)) {
      metrics.put(NANOS, slices.stream().mapToDouble(s -> s.perOperation(s.wall)).toArray());
    }
    for (String name : slices.get(0).figures.keySet()) {
      metrics.put(name, slices.stream().mapToDouble(s -> s.figures.get(name)).toArray());
    }
    metrics.put(CPU, slices.stream().mapToDouble(s -> s.perOperation(s.cpu)).toArray());
    if (Sides.areKnown()) {
      metrics.put(
          LOOP_CPU, slices.stream().mapToDouble(s -> s.perOperation(s.sides.loops())).toArray());
      metrics.put(
          WORKER_CPU,
          slices.stream().mapToDouble(s -> s.perOperation(s.sides.workers())).toArray());
      metrics.put(
          DELAY, slices.stream().mapToDouble(s -> s.perOperation(s.sides.delay())).toArray());
    }
    metrics.put("bytes", slices.stream().mapToDouble(s -> s.perOperation(s.bytes)).toArray());
    metrics.put("upcalls", slices.stream().mapToDouble(s -> s.perOperation(s.upcalls)).toArray());
    metrics.put(
        "downcalls", slices.stream().mapToDouble(s -> s.perOperation(s.downcalls)).toArray());
    metrics.put("turns", slices.stream().mapToDouble(s -> s.perOperation(s.turns)).toArray());
    return new Table.Row(arm.name(), metrics);
  }

  /** The resources that one arm used in one round. */
  private record Slice(
      long operations,
      long wall,
      long cpu,
      Sides sides,
      long bytes,
      long upcalls,
      long downcalls,
      long turns,
      Map<String, Double> figures,
      boolean disturbed) {

    static Slice of(Arm arm, long nanos) throws Exception {
      arm.prepare();
      Crossings crossings = arm.crossings();
      Machine.Use before = Machine.use();
      Sides sides = Sides.now();
      long children = arm.childrenCpuNanos();
      long bytes = Machine.allocatedBytes(); // after what allocates itself
      long cpu = Machine.cpuNanos();
      long start = System.nanoTime();
      long operations = arm.run(nanos);
      long wall = System.nanoTime() - start;
      cpu = Machine.cpuNanos() - cpu;
      bytes = Machine.allocatedBytes() - bytes;
      children = arm.childrenCpuNanos() - children;
      sides = Sides.now().since(sides);
      boolean disturbed = Machine.use().wasDisturbed(before, wall, cpu, children);
      Crossings after = arm.crossings();
      return new Slice(
          operations,
          wall,
          cpu + children,
          sides,
          bytes,
          after.upcalls() - crossings.upcalls(),
          after.downcalls() - crossings.downcalls(),
          after.turns() - crossings.turns(),
          arm.figures(),
          disturbed);
    }

    double perOperation(long count) {
      return (double) count / operations;
    }
  }
}
