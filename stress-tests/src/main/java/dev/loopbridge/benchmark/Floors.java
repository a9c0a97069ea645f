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
import static dev.loopbridge.benchmark.Targets.BARE;
import static dev.loopbridge.benchmark.Targets.CROSSING;
import static dev.loopbridge.benchmark.Targets.faster;
import static dev.loopbridge.benchmark.Targets.slower;
import static dev.loopbridge.benchmark.Targets.value;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The best values that other arms of the same runs reach, to be read beside the targets. */
final class Floors {

  static final List<Target> ALL =
      List.of(
          more(
              "4 096 in flight: a bare execute there and one back, against Java",
              "trip-4096",
              RoundTrips.EXECUTE,
              FUTURE),
          more(
              "completions to one loop from 2 Java threads that only call execute, against naive",
              "completions-2",
              Completions.THREADS,
              NAIVE),
          less(
              "10 µs of CPU: Java against bare Tokio, which has no loop to run beside its workers",
              "burn-10",
              "ns",
              FUTURE,
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
              NAIVE,
              FUTURE),
          more("256 in flight: raw against Reactor's own", "trip-256", RAW, REACTOR),
          figure("memory of a pending call by hand-written JNI", "memory", "bytes", NAIVE).in("B"),
          nanos(
              "the machine itself: two threads that park and unpark, there and back, p50",
              "idle",
              Pump.P50,
              ParkedPair.NAME),
          more(
              "completions to one loop, 2 workers: naive with batched upcalls, against naive",
              "completions-2",
              RoundTrips.BATCHED,
              NAIVE));

  /**
   * Ratios of wall time that belong to targets of CPU time, and others without a target. They move
   * with the processors on which the system runs the threads.
   */
  static final List<Target> BY_WALL_TIME =
      List.of(
          more(
              "completions to one loop, 2 workers: raw against naive", "completions-2", RAW, NAIVE),
          more(
              "completions to one loop, 4 workers: raw against naive", "completions-4", RAW, NAIVE),
          more(
              "completions to one loop, 2 workers: CompletionStage against naive",
              "completions-2",
              STAGE,
              NAIVE),
          more(
              "completions to one loop, 4 workers: CompletionStage against naive",
              "completions-4",
              STAGE,
              NAIVE),
          more("256 in flight: raw against naive", "trip-256", RAW, NAIVE),
          more(
              "256 in flight: raw against naive with batched upcalls",
              "trip-256",
              RAW,
              RoundTrips.BATCHED),
          more("256 in flight: raw against Java", "trip-256", RAW, FUTURE),
          more("256 in flight: CompletionStage against Java", "trip-256", STAGE, FUTURE),
          more("256 in flight: Vert.x against Java", "trip-256", VERTX, FUTURE),
          more("256 in flight: Mono against Java", "trip-256", MONO, FUTURE),
          more("256 in flight: Mono against Reactor's own", "trip-256", MONO, REACTOR),
          more(
              "256 in flight: Vert.x against executeBlocking",
              "trip-256",
              VERTX,
              RoundTrips.BLOCKING),
          more("4 096 in flight: raw against Java", "trip-4096", RAW, FUTURE),
          more("4 096 in flight: CompletionStage against Java", "trip-4096", STAGE, FUTURE),
          more("4 096 in flight: Mono against Reactor's own", "trip-4096", MONO, REACTOR),
          more("pending once, 256 in flight: raw against naive", "pend-256", RAW, NAIVE),
          less("10 µs of CPU: raw against bare Tokio", "burn-10", "ns", RAW, BARE),
          less("1 ms of CPU: raw against bare Tokio", "burn-1000", "ns", RAW, BARE),
          more(
              "requests of a trivial route: native against Java",
              WebServer.TRIVIAL,
              WebServer.NATIVE,
              WebServer.JAVA));

  /** The nanoseconds of work on the loop's thread, and of wakes and drops from another thread. */
  static final List<Target> ON_THE_LOOP =
      List.of(
          nanos("a synchronous crossing by hand-written JNI", "local-ready", "ns", CROSSING),
          nanos("a call of a Java method", "local-ready", "ns", LocalReady.JAVA),
          nanos("a loop-driven call with a NativeRef", "pinned", "ns", Pinned.NATIVE_REF),
          wake("a wake, 1 before the next poll", 1, LocalWoken.BRIDGE),
          wake("a wake, 10 before the next poll", 10, LocalWoken.BRIDGE),
          wake("a wake, 1 000 before the next poll", 1000, LocalWoken.BRIDGE),
          wake("an execute, 1 before the loop runs", 1, LocalWoken.EACH),
          wake("an execute, 10 before the loop runs", 10, LocalWoken.EACH),
          wake("an execute, 1 000 before the loop runs", 1000, LocalWoken.EACH),
          nanos("a ticket dropped on another thread", "ticket-drop", "ns", TicketDrop.BRIDGE),
          nanos("an execute for each dropped ticket", "ticket-drop", "ns", TicketDrop.JAVA));

  /** A call of a small function by each way, and the CPU loop by each way against pure Rust. */
  static final List<Target> CALLS =
      List.of(
          call(CallOverhead.JAVA),
          call(NAIVE),
          call(CallOverhead.JNA),
          call(CallOverhead.FOREIGN),
          call(CallOverhead.LOOP_DRIVEN),
          call(CallOverhead.LOOP_DRIVEN_STAGE),
          call(CallOverhead.LOOP_DRIVEN_MONO),
          call(CallOverhead.STAGE),
          call(CallOverhead.MONO),
          call(CallOverhead.AWAITED),
          loop(CpuLoop.SERIAL),
          loop(CpuLoop.STREAM),
          loop(CpuLoop.VIRTUAL_THREADS),
          loop(CpuLoop.PROCESSES));

  /** The same work in the process and in another one, by size: time and CPU time of both. */
  static final List<Target> OTHER_PROCESS =
      Arrays.stream(OtherProcess.SIZES)
          .boxed()
          .flatMap(
              size ->
                  Stream.of(STAGE, OtherProcess.SOCKET, OtherProcess.HTTP)
                      .flatMap(
                          arm ->
                              Stream.of(
                                  elsewhere(size, arm, "ns"), elsewhere(size, arm, Harness.CPU))))
          .toList();

  private Floors() {}

  private static Target call(String arm) {
    return nanos("fib(90): " + arm, CallOverhead.ID, "ns", arm);
  }

  private static Target loop(String arm) {
    return less("CPU loop against pure Rust: " + arm, CpuLoop.ID, "ns", arm, CpuLoop.RUST);
  }

  private static Target elsewhere(int size, String arm, String metric) {
    String name = Metric.round(size) + " bytes, one after another: " + arm;
    return nanos(
        metric.equals(Harness.CPU) ? name + ", CPU" : name, OtherProcess.id(size, 1), metric, arm);
  }

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
