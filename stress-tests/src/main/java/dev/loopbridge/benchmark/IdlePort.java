package dev.loopbridge.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures what a runtime with a port uses while nothing happens: the CPU time and the wake-ups of
 * its workers and of the port's loop, as the kernel counts them.
 */
final class IdlePort {

  private static final Path THREADS = Path.of("/proc/self/task");
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private IdlePort() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    if (!Files.isReadable(THREADS)) {
      notes.accept("idle port: skipped, this system does not report what a thread uses");
      return List.of();
    }
    try (Ground ground = new Ground(builder -> builder.threadName("idle-worker"))) {
      Trips.add(ground.runtime).toFuture(ground.owner).get();
      Effort effort = harness.effort();
      double[] cpu = new double[effort.rounds()];
      double[] wakes = new double[effort.rounds()];
      for (int round = 0; round < effort.rounds(); round++) {
        Use before = Use.now();
        long start = System.nanoTime();
        Thread.sleep(effort.sliceNanos() / NANOS_PER_MILLI); // the idle time that is measured
        double seconds = (double) (System.nanoTime() - start) / NANOS_PER_SECOND;
        Use after = Use.now();
        cpu[round] = (after.cpuNanos - before.cpuNanos) / seconds;
        wakes[round] = (after.wakes - before.wakes) / seconds;
      }
      Map<String, double[]> metrics = new LinkedHashMap<>();
      metrics.put(Metric.CPU_NS_PER_SECOND, cpu);
      metrics.put(Metric.WAKES_PER_SECOND, wakes);
      return List.of(
          new Table(
              "idle-port",
              "A port with nothing in flight",
              Metric.CPU_NS_PER_SECOND,
              true,
              Targets.IDLE_PORT,
              List.of(new Table.Row(Targets.IDLE_PORT, metrics))));
    }
  }

  /** Returns what the threads in question have used since they started. */
  private record Use(long cpuNanos, long wakes) {

    static Use now() throws IOException {
      long cpu = 0;
      long wakes = 0;
      int threads = 0;
      try (var tasks = Files.newDirectoryStream(THREADS)) {
        for (Path task : tasks) {
          String name = Files.readString(task.resolve("comm"));
          if (!name.startsWith("idle-worker") && !name.startsWith("vert.x-eventloo")) {
            continue;
          }
          threads++;
          // Nanoseconds on a CPU, nanoseconds waiting for one, how often it was given one.
          String[] figures = Files.readString(task.resolve("schedstat")).trim().split(" ");
          cpu += Long.parseLong(figures[0]);
          wakes += Long.parseLong(figures[2]);
        }
      }
      if (threads < 1 + Ground.WORKERS) {
        throw new IllegalStateException("found " + threads + " of the loop's and workers' threads");
      }
      return new Use(cpu, wakes);
    }
  }
}
