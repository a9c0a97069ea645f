package dev.loopbridge.benchmark;

import static dev.loopbridge.benchmark.RoundTrips.FUTURE;
import static dev.loopbridge.benchmark.RoundTrips.MONO;
import static dev.loopbridge.benchmark.RoundTrips.NAIVE;
import static dev.loopbridge.benchmark.RoundTrips.RAW;
import static dev.loopbridge.benchmark.RoundTrips.REACTOR;
import static dev.loopbridge.benchmark.RoundTrips.STAGE;
import static dev.loopbridge.benchmark.RoundTrips.VERTX;
import static dev.loopbridge.benchmark.Target.NONE;
import static dev.loopbridge.benchmark.Target.atLeast;
import static dev.loopbridge.benchmark.Target.atMost;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The figures that the bridge is to reach, and their places in the tables. */
final class Targets {

  // Arms of these names are in tables of their own.
  static final String LINGERING = "bridge raw, lingering";
  static final String ASKING = "bridge raw, asking a handler Rust keeps";
  static final String BRIDGE = "bridge";
  static final String PEER = "OpenDAL";
  static final String BARE = "bare Tokio";
  static final String CROSSING = "hand-written JNI, a synchronous crossing";
  static final String NATIVE_ROUTE = "native route";
  static final String JAVA_ROUTE = "Java route";
  static final String LOCAL_ROUTE = "native route, loop-driven";
  static final String IDLE_PORT = "idle port";

  /** The share of the expected figure that a check requires. */
  static final double TOLERANCE = 0.8;

  /**
   * The targets. Where both processors are full, CPU time is judged: wall time then depends on
   * which processor the system runs each thread.
   */
  static final List<Target> ALL =
      Stream.of(completions(), trips(), others(), onTheLoop()).flatMap(List::stream).toList();

  private static List<Target> completions() {
    return List.of(
        atLeast(
                "completions to one loop, 2 workers, CPU: raw against naive",
                4,
                8,
                cheaper("completions-2", RAW, NAIVE))
            .expecting(1.2),
        atLeast(
                "completions to one loop, 4 workers, CPU: raw against naive",
                4,
                8,
                cheaper("completions-4", RAW, NAIVE))
            .expecting(1.2),
        atLeast(
                "completions to one loop, 2 workers, CPU: CompletionStage against naive",
                2,
                3,
                cheaper("completions-2", STAGE, NAIVE))
            .expecting(0.8),
        atLeast(
                "completions to one loop, 4 workers, CPU: CompletionStage against naive",
                2,
                3,
                cheaper("completions-4", STAGE, NAIVE))
            .expecting(0.8));
  }

  private static List<Target> trips() {
    return List.of(
        atLeast("256 in flight, CPU: raw against Java", 2, 3, cheaper("trip-256", RAW, FUTURE))
            .expecting(1.5),
        atLeast(
                "256 in flight, CPU: CompletionStage against Java",
                1.2,
                1.5,
                cheaper("trip-256", STAGE, FUTURE))
            .expecting(0.85),
        atLeast("4 096 in flight, CPU: raw against Java", 3, 5, cheaper("trip-4096", RAW, FUTURE))
            .expecting(1.4),
        atLeast(
                "4 096 in flight, CPU: CompletionStage against Java",
                1.4,
                2,
                cheaper("trip-4096", STAGE, FUTURE))
            .expecting(1),
        atLeast("16 in flight: raw against Java", 2.5, 4, faster("trip-16", RAW, FUTURE))
            .expecting(0.8),
        atLeast(
                "256 in flight, CPU: Vert.x against executeBlocking",
                2.5,
                3,
                cheaper("trip-256", VERTX, RoundTrips.BLOCKING))
            .expecting(1.4),
        atLeast(
                "256 in flight, CPU: Mono against Reactor's own",
                2,
                2.5,
                cheaper("trip-256", MONO, REACTOR))
            .expecting(1.1),
        atLeast(
                "pending once, 256 in flight, CPU: raw against naive",
                1.6,
                2,
                cheaper("pend-256", RAW, NAIVE))
            .expecting(1.25),
        atLeast(
                "1 in flight, lingering: raw against Java",
                8,
                12,
                faster("linger-1", LINGERING, FUTURE))
            .expecting(0.7),
        atLeast(
                "1 in flight, lingering: raw against naive",
                5,
                10,
                faster("linger-1", LINGERING, NAIVE))
            .expecting(1.4),
        atMost(
                "1 in flight, not lingering, p50: raw against Java",
                1,
                0.9,
                slower("idle", "p50Ns", RAW, FUTURE))
            .expecting(1.9),
        atMost(
                "1 in flight, not lingering, p99: raw against Java",
                1.2,
                1,
                slower("idle", "p99Ns", RAW, FUTURE))
            .expecting(1.4));
  }

  private static List<Target> others() {
    return List.of(
        atMost(
                "64 bytes in and out, CPU: against 8 bytes",
                2,
                1.5,
                slower(PayloadSizes.ID, Harness.CPU, PayloadSizes.arm(64), PayloadSizes.arm(8)))
            .expecting(10),
        atMost(
                "1 KiB in and out, CPU: against 8 bytes",
                3,
                2,
                slower(PayloadSizes.ID, Harness.CPU, PayloadSizes.arm(1024), PayloadSizes.arm(8)))
            .expecting(10),
        atLeast("10 µs of CPU: raw against Java", 1.1, 1.3, faster("burn-10", RAW, FUTURE))
            .expecting(1),
        atMost(
            "CPU loop on all processors: bridge against pure Rust",
            1.05,
            1.02,
            slower(CpuLoop.ID, Harness.NANOS, CpuLoop.BRIDGE, CpuLoop.RUST)),
        atLeast(
                "trivial route, requests: loop-driven against the Java route",
                0.95,
                1,
                faster("web-trivial", LOCAL_ROUTE, JAVA_ROUTE))
            .expecting(0.9),
        atLeast(
                "trivial route, requests: native against executeBlocking",
                1.05,
                1.2,
                faster("web-trivial", NATIVE_ROUTE, WebServer.JAVA_ELSEWHERE))
            .expecting(1),
        atMost("memory per pending call", 400, 310, value("memory", "bytes", RAW))
            .expecting(740)
            .in("B"),
        atMost("memory per idle port", 65_536, 16_384, value("memory-port", "bytes", IDLE_PORT))
            .expecting(1_100_000)
            .in("B"),
        atMost(
                "idle port: CPU",
                100_000,
                NONE,
                value("idle-port", Metric.CPU_NS_PER_SECOND, IDLE_PORT))
            .in("ns/s"),
        atMost(
                "idle port: wake-ups",
                0,
                NONE,
                value("idle-port", Metric.WAKES_PER_SECOND, IDLE_PORT))
            .in("/s"),
        atLeast(
            "read of a published peer, 256 in flight: bridge against OpenDAL",
            10,
            20,
            faster("peer", BRIDGE, PEER)),
        atMost(
                "asking Java on the way, 256 in flight: against pending once",
                2,
                1.3,
                slower("ask-256", "ns", ASKING, RAW))
            .expecting(2.1),
        allocation("allocation per call: raw", 0, NONE, RAW),
        // These with the 16 bytes of their Long.
        allocation("allocation per call: CompletionStage", 152, 80, STAGE),
        allocation("allocation per call: Mono", 176, 80, MONO),
        allocation("allocation per call: Vert.x", 216, 80, VERTX));
  }

  private static List<Target> onTheLoop() {
    return List.of(
        ready("loop-driven, ready at first poll: raw", 60, 35, RAW).expecting(190),
        ready("loop-driven and ready: CompletionStage", 90, 60, STAGE).expecting(175),
        ready("loop-driven and ready: Mono", 100, 70, MONO).expecting(220),
        ready("loop-driven and ready: Vert.x", 180, 150, VERTX).expecting(370),
        atMost(
                "synchronous crossing: bridge against hand-written JNI",
                1.1,
                1.05,
                slower("crossing", "ns", BRIDGE, NAIVE))
            .expecting(1.2),
        atMost(
            "LoopRef.get() on its loop: against a field read and a thread check",
            2,
            1.2,
            slower("pinned", "ns", Pinned.LOOP_REF, Pinned.FIELD)),
        atMost(
            "Local on its loop: against a field read and a thread check",
            2,
            1.2,
            slower("pinned", "ns", Pinned.LOCAL, Pinned.FIELD)));
  }

  private static Target ready(String name, double target, double stretch, String arm) {
    return atMost(name, target, stretch, value("local-ready", "ns", arm)).in("ns");
  }

  private Targets() {}

  static List<Verdict> judge(Results results) {
    return ALL.stream().map(target -> target.judge(results)).toList();
  }

  /**
   * Returns whether a run reached the expected figure within a tolerance: with 0.8, 0.8 times a
   * lower bound and 1.25 times an upper bound. A target that was not measured holds.
   */
  static boolean holds(Verdict verdict, double tolerance) {
    Target target = verdict.target();
    double bound =
        target.kind() == Target.Kind.AT_LEAST
            ? target.expected() * tolerance
            : target.expected() / tolerance;
    return !verdict.wasMeasured() || target.reaches(verdict.measured(), bound);
  }

  private static Target allocation(String name, double target, double stretch, String arm) {
    return atMost(name, target, stretch, value("trip-256", "bytes", arm)).in("B").allowing(1);
  }

  /** Finds how many times better an arm was, by its table's own metric. */
  static Function<Results, Optional<double[]>> faster(String table, String arm, String other) {
    return results ->
        results
            .table(table)
            .filter(found -> has(found, arm, found.metric()) && has(found, other, found.metric()))
            .map(found -> found.ratios(arm, other, found.metric()));
  }

  /** Finds how many times less CPU time an arm took. */
  static Function<Results, Optional<double[]>> cheaper(String table, String arm, String other) {
    return slower(table, Harness.CPU, other, arm);
  }

  /** Finds how many times as much of a metric an arm took, in a table where less is better. */
  static Function<Results, Optional<double[]>> slower(
      String table, String metric, String arm, String other) {
    return results ->
        results
            .table(table)
            .filter(found -> has(found, arm, metric) && has(found, other, metric))
            .map(found -> found.ratios(other, arm, metric));
  }

  static Function<Results, Optional<double[]>> value(String table, String metric, String arm) {
    return results ->
        results
            .table(table)
            .filter(found -> has(found, arm, metric))
            .map(found -> found.row(arm).metrics().get(metric));
  }

  private static boolean has(Table table, String arm, String metric) {
    return table.hasArm(arm) && table.row(arm).metrics().containsKey(metric);
  }
}
