package dev.loopbridge.benchmark;

import static dev.loopbridge.benchmark.Target.NONE;
import static dev.loopbridge.benchmark.Target.atLeast;
import static dev.loopbridge.benchmark.Target.atMost;
import static dev.loopbridge.benchmark.Targets.BARE;
import static dev.loopbridge.benchmark.Targets.CROSSING;
import static dev.loopbridge.benchmark.Targets.faster;
import static dev.loopbridge.benchmark.Targets.slower;
import static dev.loopbridge.benchmark.Targets.value;

import java.util.List;

/** The best values that other arms of the same runs reach, to be read beside the targets. */
final class Floors {

  static final List<Target> ALL =
      List.of(
          more(
              "4 096 in flight: a bare execute there and one back, against Java",
              "trip-4096",
              RoundTrips.EXECUTE,
              RoundTrips.FUTURE),
          more(
              "completions to one loop from 2 Java threads that only call execute, against naive",
              "completions-2",
              Completions.THREADS,
              RoundTrips.NAIVE),
          less(
              "10 µs of CPU: Java against bare Tokio, which has no loop to run beside its workers",
              "burn-10",
              "ns",
              RoundTrips.FUTURE,
              BARE),
          more(
              "trivial route by executeBlocking, which leaves the loop too, against the Java route",
              WebServer.TRIVIAL,
              WebServer.JAVA_ELSEWHERE,
              WebServer.JAVA),
          figure("memory of a pending task of bare Tokio", "memory", "bytes", BARE).in("B"),
          less(
              "1 in flight, not lingering, p50: hand-written JNI on Tokio against Java",
              "idle",
              Pump.P50,
              RoundTrips.NAIVE,
              RoundTrips.FUTURE),
          more(
              "256 in flight: raw against Reactor's own",
              "trip-256",
              RoundTrips.RAW,
              RoundTrips.REACTOR),
          figure(
                  "memory of a pending call by hand-written JNI",
                  "memory",
                  "bytes",
                  RoundTrips.NAIVE)
              .in("B"));

  /** The nanoseconds of work on the loop's thread, and of wakes and drops from another thread. */
  static final List<Target> ON_THE_LOOP =
      List.of(
          nanos("a synchronous crossing by hand-written JNI", "local-ready", "ns", CROSSING),
          nanos("a call of a Java method", "local-ready", "ns", LocalReady.JAVA),
          nanos("loop-driven and ready: CompletionStage", "local-ready", "ns", RoundTrips.STAGE),
          nanos("loop-driven and ready: Mono", "local-ready", "ns", RoundTrips.MONO),
          nanos("loop-driven and ready: Vert.x", "local-ready", "ns", RoundTrips.VERTX),
          nanos("a loop-driven call with a NativeRef", "pinned", "ns", Pinned.NATIVE_REF),
          wake("a wake, 1 before the next poll", 1, LocalWoken.BRIDGE),
          wake("a wake, 10 before the next poll", 10, LocalWoken.BRIDGE),
          wake("a wake, 1 000 before the next poll", 1000, LocalWoken.BRIDGE),
          wake("an execute, 1 before the loop runs", 1, LocalWoken.EACH),
          wake("an execute, 10 before the loop runs", 10, LocalWoken.EACH),
          wake("an execute, 1 000 before the loop runs", 1000, LocalWoken.EACH),
          nanos("a ticket dropped on another thread", "ticket-drop", "ns", TicketDrop.BRIDGE),
          nanos("an execute for each dropped ticket", "ticket-drop", "ns", TicketDrop.JAVA));

  private Floors() {}

  private static Target more(String name, String table, String arm, String other) {
    return atLeast(name, NONE, NONE, faster(table, arm, other));
  }

  private static Target less(String name, String table, String metric, String arm, String other) {
    return atMost(name, NONE, NONE, slower(table, metric, arm, other));
  }

  private static Target figure(String name, String table, String metric, String arm) {
    return atMost(name, NONE, NONE, value(table, metric, arm));
  }

  private static Target nanos(String name, String table, String metric, String arm) {
    return figure(name, table, metric, arm).in("ns");
  }

  private static Target wake(String name, int wakes, String arm) {
    return nanos(name, "woken-" + wakes, LocalWoken.WAKE, arm);
  }
}
