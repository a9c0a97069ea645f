package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Measures how the cost grows with pending calls, with workers, and with loops. */
final class Scaling {

  private static final int[] PENDING = {100, 1_000, 10_000, 100_000, 1_000_000};
  private static final int FEW_PENDING = 1_000;
  private static final int[] LOOPS = {1, 2, 8, 64};
  private static final int COMPUTING = 64;
  private static final int SLICES = 3;
  private static final long PATIENCE_SECONDS = 60;

  private Scaling() {}

  /** Measures beside so many pending calls of the same port. */
  static List<Table> pending(Harness harness, Consumer<String> notes) throws Exception {
    List<NativeRuntime> runtimes = new ArrayList<>();
    try (Ground ground = new Ground()) {
      try {
        RoundTrips trips = new RoundTrips(ground);
        List<Arm> arms = new ArrayList<>();
        boolean trial = harness.effort().equals(Effort.TRIAL);
        for (int count : PENDING) {
          if (trial && count > FEW_PENDING) {
            break;
          }
          NativeRuntime runtime = ground.open(builder -> builder.maxInFlight(count + (1 << 13)));
          runtimes.add(runtime);
          pend(ground, runtime, count);
          arms.add(trips.raw(besides(count), Trips.BURST, Trips.add(runtime)));
        }
        Table table =
            harness.compare(
                "pending",
                "Round trip, 256 in flight, beside others pending",
                besides(PENDING[0]),
                arms);
        Bend.note(table, Harness.CPU, notes);
        return List.of(table);
      } finally {
        runtimes.forEach(NativeRuntime::close);
      }
    }
  }

  private static String besides(int count) {
    return RoundTrips.RAW + ", " + Metric.round(count) + " pending";
  }

  private static void pend(Ground ground, NativeRuntime runtime, int count) throws Exception {
    RawPort port = RawPort.of(runtime, ground.owner);
    NativeCall<Void> never = Fn.NEVER.call(runtime);
    CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < count; i++) {
                port.start(never, (ticket, result) -> {});
              }
            },
            ground.loop)
        .get(PATIENCE_SECONDS, SECONDS);
    while (runtime.metrics().liveTasks() < count) {
      Thread.yield();
    }
  }

  /** Measures the same futures on one worker and on two. */
  static List<Table> workers(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground();
        NativeRuntime one = ground.open(builder -> builder.workerThreads(1))) {
      RoundTrips trips = new RoundTrips(ground);
      String single = RoundTrips.RAW + ", 1 worker";
      return List.of(
          harness.compare(
              "workers",
              "100 µs of CPU, 64 in flight, by workers",
              Harness.NANOS,
              single,
              List.of(
                  trips.raw(single, COMPUTING, burn(one)),
                  trips.raw(RoundTrips.RAW + ", 2 workers", COMPUTING, burn(ground.runtime))),
              SLICES * harness.effort().sliceNanos()));
    }
  }

  private static NativeCall<Long> burn(NativeRuntime runtime) {
    return Fn.COMPUTE_HEAVY.call(runtime, 100L);
  }

  /** Measures 256 calls in flight on each of several loops. */
  static List<Table> loops(Harness harness, Consumer<String> notes) throws Exception {
    int most = LOOPS[LOOPS.length - 1];
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(most, NioIoHandler.newFactory());
    try (Ground ground = new Ground()) {
      List<EventLoop> loops = new ArrayList<>();
      for (EventExecutor loop : group) {
        loops.add((EventLoop) loop);
      }
      List<Arm> raw = new ArrayList<>();
      for (int count : LOOPS) {
        raw.add(
            together(
                RoundTrips.RAW,
                loops.subList(0, count),
                loop ->
                    new RoundTrips(ground, loop)
                        .raw(RoundTrips.RAW, Trips.BURST, Trips.add(ground.runtime))));
      }
      List<Arm> java = new ArrayList<>();
      for (int count : LOOPS) {
        java.add(
            together(
                RoundTrips.FUTURE,
                loops.subList(0, count),
                loop -> new RoundTrips(ground, loop).future(Trips.BURST, Trips::javaAdd)));
      }
      List<Table> tables =
          List.of(
              harness.compare(
                  "loops", "Round trip, 256 in flight on each loop", raw.get(0).name(), raw),
              harness.compare(
                  "loops-java",
                  "Round trip by Java's future, 256 in flight on each loop",
                  java.get(0).name(),
                  java));
      tables.forEach(table -> Bend.note(table, Harness.CPU, notes));
      return tables;
    } finally {
      group.shutdownGracefully(0, 1, SECONDS).sync();
    }
  }

  private interface PumpOn {
    Pump on(EventLoop loop);
  }

  private static Arm together(String name, List<EventLoop> loops, PumpOn pump) {
    String suffix = loops.size() == 1 ? ", 1 loop" : ", " + loops.size() + " loops";
    return new Together(name + suffix, loops.stream().map(pump::on).toList());
  }
}
