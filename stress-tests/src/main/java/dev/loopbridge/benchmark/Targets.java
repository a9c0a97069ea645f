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
  static final String IDLE_PORT = "idle port";

  /** The share of the expected figure that a check requires. */
  static final double TOLERANCE = 0.8;

  static final List<Target> ALL =
      List.of(
          atLeast(
                  "completions to one loop, 2 workers: raw against naive",
                  8,
                  12,
                  faster("completions-2", RAW, NAIVE))
              .expecting(1.2),
          atLeast(
                  "completions to one loop, 4 workers: raw against naive",
                  8,
                  12,
                  faster("completions-4", RAW, NAIVE))
              .expecting(1.9),
          atLeast(
                  "completions to one loop, 2 workers: CompletionStage against naive",
                  3,
                  4.5,
                  faster("completions-2", STAGE, NAIVE))
              .expecting(0.83),
          atLeast(
                  "completions to one loop, 4 workers: CompletionStage against naive",
                  3,
                  4.5,
                  faster("completions-4", STAGE, NAIVE))
              .expecting(1.4),
          atLeast("256 in flight: raw against naive", 4, 8, faster("trip-256", RAW, NAIVE)),
          atLeast("256 in flight: raw against Java", 1, 2, faster("trip-256", RAW, FUTURE)),
          atLeast(
                  "256 in flight: CompletionStage against Java",
                  1,
                  2,
                  faster("trip-256", STAGE, FUTURE))
              .expecting(0.85),
          atLeast("256 in flight: Vert.x against Java", 1, 2, faster("trip-256", VERTX, FUTURE))
              .expecting(0.63),
          atLeast("256 in flight: Mono against Java", 1, 2, faster("trip-256", MONO, FUTURE)),
          atLeast("4 096 in flight: raw against Java", 3, 4, faster("trip-4096", RAW, FUTURE))
              .expecting(1.4),
          atLeast(
                  "4 096 in flight: CompletionStage against Java",
                  1.2,
                  1.5,
                  faster("trip-4096", STAGE, FUTURE))
              .expecting(1),
          atLeast(
                  "256 in flight: Mono against Reactor's own",
                  4,
                  8,
                  faster("trip-256", MONO, REACTOR))
              .expecting(1.8),
          atLeast(
                  "4 096 in flight: Mono against Reactor's own",
                  4,
                  8,
                  faster("trip-4096", MONO, REACTOR))
              .expecting(1.5),
          atLeast(
                  "pending once, 256 in flight: raw against naive",
                  1.5,
                  2,
                  faster("pend-256", RAW, NAIVE))
              .expecting(1.3),
          atMost(
                  "asking Java on the way, 256 in flight: against pending once",
                  2,
                  1.3,
                  slower("ask-256", "ns", ASKING, RAW))
              .expecting(2.1),
          atLeast(
                  "1 in flight, lingering: raw against naive",
                  8,
                  20,
                  faster("linger-1", LINGERING, NAIVE))
              .expecting(1.4),
          atLeast(
                  "1 in flight, lingering: raw against Java",
                  8,
                  20,
                  faster("linger-1", LINGERING, FUTURE))
              .expecting(0.72),
          atMost(
                  "1 in flight, not lingering, p50: raw against Java",
                  1.15,
                  1,
                  slower("idle", "p50Ns", RAW, FUTURE))
              .expecting(1.9),
          atMost(
              "1 in flight, not lingering, p99: raw against Java",
              1.5,
              1,
              slower("idle", "p99Ns", RAW, FUTURE)),
          atLeast(
              "read of a published peer, 256 in flight: bridge against OpenDAL",
              10,
              20,
              faster("peer", BRIDGE, PEER)),
          allocation("allocation per call: raw", 0, NONE, RAW),
          allocation("allocation per call: CompletionStage", 136, 64, STAGE),
          allocation("allocation per call: Mono", 160, 64, MONO),
          allocation("allocation per call: Vert.x", 200, 64, VERTX),
          atMost(
                  "synchronous crossing: bridge against hand-written JNI",
                  1.2,
                  1,
                  slower("crossing", "ns", BRIDGE, NAIVE))
              .expecting(1.2),
          atMost("loop-driven, ready at first poll: raw", 60, 40, value("local-ready", "ns", RAW))
              .expecting(190)
              .in("ns"),
          atMost(
              "LoopRef.get() on its loop: against a field read and a thread check",
              2,
              1.2,
              slower("pinned", "ns", Pinned.LOOP_REF, Pinned.FIELD)),
          atMost(
              "Local on its loop: against a field read and a thread check",
              2,
              1.2,
              slower("pinned", "ns", Pinned.LOCAL, Pinned.FIELD)),
          atMost(
                  "10 µs of CPU: raw against bare Tokio",
                  1.03,
                  NONE,
                  slower("burn-10", "ns", RAW, BARE))
              .expecting(1.4),
          atMost(
              "1 ms of CPU: raw against bare Tokio",
              1.03,
              NONE,
              slower("burn-1000", "ns", RAW, BARE)),
          atLeast(
                  "requests of a trivial route: native against Java",
                  0.95,
                  1,
                  faster("web-trivial", NATIVE_ROUTE, JAVA_ROUTE))
              .expecting(0.72),
          atMost("memory per pending call", 400, 200, value("memory", "bytes", RAW))
              .expecting(740)
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
              .in("/s"));

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
