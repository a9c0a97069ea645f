package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.kit.Fn;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Measures the memory of a pending call on both sides: what the process holds with a million
 * pending calls, less what it held before there was a runtime. Each arm has a JVM of its own whose
 * heap is resident from the start, so that what becomes resident is native.
 */
final class Memory {

  private static final int PENDING = 1_000_000;
  private static final int FEW_PENDING = 10_000;

  private static final List<String> OPTIONS =
      List.of(
          "-Xms512m",
          "-Xmx512m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:MaxDirectMemorySize=1g");

  /** Keeps the pending calls from the garbage collector. */
  private static final List<Object> KEPT = new ArrayList<>();

  private Memory() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    if (Machine.residentBytes() == 0) {
      notes.accept("memory: skipped, this system does not report what is resident");
      return List.of();
    }
    int count = harness.effort().equals(Effort.TRIAL) ? FEW_PENDING : PENDING;
    List<Table.Row> rows = new ArrayList<>();
    for (String arm : List.of(RoundTrips.RAW, RoundTrips.STAGE, RoundTrips.NAIVE, Targets.BARE)) {
      double[] measured = ChildJvm.run(OPTIONS, Memory.class, arm, String.valueOf(count));
      double heap = measured[0] / count;
      double resident = measured[1] / count;
      Map<String, double[]> metrics = new LinkedHashMap<>();
      metrics.put("bytes", new double[] {heap + resident});
      metrics.put("heap bytes", new double[] {heap});
      metrics.put("native bytes", new double[] {resident});
      rows.add(new Table.Row(arm, metrics));
    }
    return List.of(
        new Table(
            "memory",
            "Memory of a pending call, with " + Metric.round(count) + " of them",
            "bytes",
            true,
            Targets.BARE,
            rows));
  }

  /** The main method of the child: prints by how much the heap's and the resident bytes grew. */
  public static void main(String... arguments) throws Exception {
    int count = Integer.parseInt(arguments[1]);
    try (Ground ground = new Ground()) {
      // Once before, for classes and code.
      pend(ground, arguments[0], 100);
      long heap = heapBytes();
      long resident = Machine.residentBytes();
      pend(ground, arguments[0], count);
      long heapAfter = heapBytes();
      System.out.println((heapAfter - heap) + " " + (Machine.residentBytes() - resident));
    }
    System.exit(0);
  }

  private static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void pend(Ground ground, String arm, int count) throws Exception {
    switch (arm) {
      case RoundTrips.RAW, RoundTrips.STAGE -> bridge(ground, arm, count);
      case RoundTrips.NAIVE -> {
        for (int i = 0; i < count; i++) {
          KEPT.add(HandWritten.callNever().whenCompleteAsync((value, error) -> {}, ground.loop));
        }
      }
      case Targets.BARE -> HandWritten.barePend(count);
      default -> throw new IllegalArgumentException("no arm " + arm);
    }
  }

  private static void bridge(Ground ground, String arm, int count) throws Exception {
    var runtime = ground.open(builder -> builder.maxInFlight(count));
    KEPT.add(runtime);
    NativeCall<Void> never = Fn.NEVER.call(runtime);
    RawPort port = RawPort.of(runtime, ground.owner);
    CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < count; i++) {
                if (arm.equals(RoundTrips.RAW)) {
                  port.start(never, (ticket, result) -> {});
                } else {
                  KEPT.add(never.toFuture(ground.owner));
                }
              }
            },
            ground.loop)
        .get();
    while (runtime.metrics().liveTasks() < count) {
      Thread.onSpinWait();
    }
  }
}
