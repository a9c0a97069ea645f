package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.kit.Fn;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
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
  private static final int PORTS = 64;

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
    double[] idle = ChildJvm.run(OPTIONS, Memory.class, Targets.IDLE_PORT, String.valueOf(PORTS));
    Map<String, double[]> port = new LinkedHashMap<>();
    port.put("bytes", new double[] {(idle[0] + idle[1]) / PORTS});
    port.put("heap bytes", new double[] {idle[0] / PORTS});
    port.put("native bytes", new double[] {idle[1] / PORTS});
    return List.of(
        new Table(
            "memory-port",
            "Memory of an idle port, with " + PORTS + " of them on as many loops",
            "bytes",
            true,
            Targets.IDLE_PORT,
            List.of(new Table.Row(Targets.IDLE_PORT, port))),
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
    if (arguments[0].equals(Targets.IDLE_PORT)) {
      ports(count);
      System.exit(0);
    }
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

  /** Opens a port on each of so many loops that run already, by a call that has ended. */
  private static void ports(int count) throws Exception {
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(count + 1, NioIoHandler.newFactory());
    try (Ground ground = new Ground();
        NativeRuntime runtime = NativeRuntime.builder(ground.library).build()) {
      for (EventExecutor loop : group) {
        loop.submit(() -> {}).sync();
      }
      long heap = 0;
      long resident = 0;
      int opened = 0;
      for (EventExecutor loop : group) {
        if (opened++ == 1) {
          // The first one was for classes and code.
          heap = heapBytes();
          resident = Machine.residentBytes();
        }
        Trips.add(runtime).toFuture(NettyLoop.of((EventLoop) loop)).get();
      }
      long heapAfter = heapBytes();
      System.out.println((heapAfter - heap) + " " + (Machine.residentBytes() - resident));
    } finally {
      group.shutdownGracefully(0, 1, SECONDS);
    }
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
