package dev.loopbridge.benchmark;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Compares arms in one process: in each round every arm runs for one slice, in an order drawn anew,
 * so that whatever slows the machine down slows all of them. A round in which other processes took
 * part of the machine is thrown away and repeated.
 */
final class Harness {

  /** Wall-clock time of an operation. */
  static final String NANOS = "ns";

  private final Effort effort;
  private final Random order = new Random(1);
  private int discarded;

  Harness(Effort effort) {
    this.effort = effort;
  }

  Effort effort() {
    return effort;
  }

  /** Returns the number of rounds thrown away so far. */
  int discarded() {
    return discarded;
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
      String id, String title, String metric, String baseline, List<Arm> arms, long sliceNanos)
      throws Exception {
    for (Arm arm : arms) {
      warmUp(arm);
    }
    List<Map<Arm, Slice>> rounds = new ArrayList<>();
    int spare = effort.rounds();
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
        discarded++;
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
    if (metric.equals(NANOS)) {
      metrics.put(NANOS, slices.stream().mapToDouble(s -> s.perOperation(s.wall)).toArray());
    }
    for (String name : slices.get(0).figures.keySet()) {
      metrics.put(name, slices.stream().mapToDouble(s -> s.figures.get(name)).toArray());
    }
    metrics.put("cpuNs", slices.stream().mapToDouble(s -> s.perOperation(s.cpu)).toArray());
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
      long bytes,
      long upcalls,
      long downcalls,
      long turns,
      Map<String, Double> figures,
      boolean disturbed) {

    static Slice of(Arm arm, long nanos) throws Exception {
      arm.prepare();
      Crossings crossings = arm.crossings();
      long bytes = Machine.allocatedBytes();
      long busy = Machine.busyNanos();
      long cpu = Machine.cpuNanos();
      long start = System.nanoTime();
      long operations = arm.run(nanos);
      long wall = System.nanoTime() - start;
      cpu = Machine.cpuNanos() - cpu;
      busy = Machine.busyNanos() - busy;
      bytes = Machine.allocatedBytes() - bytes;
      Crossings after = arm.crossings();
      return new Slice(
          operations,
          wall,
          cpu,
          bytes,
          after.upcalls() - crossings.upcalls(),
          after.downcalls() - crossings.downcalls(),
          after.turns() - crossings.turns(),
          arm.figures(),
          Machine.wasDisturbed(wall, busy - cpu));
    }

    double perOperation(long count) {
      return (double) count / operations;
    }
  }
}
