package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.MICROSECONDS;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Measures a round trip: by the number in flight, by its payload, and on a busy loop. */
final class Trips {

  static final int BURST = 256;

  // The sum is above the numbers for which the JVM keeps a Long.
  private static final long A = 1000;
  private static final long B = 2000;

  private static final int[] IN_FLIGHT = {1, 16, BURST, 4096};

  /**
   * Sizes and numbers in flight; together the payloads fit into the caches, but for the largest.
   */
  private static final int[][] PAYLOADS = {{64, BURST}, {4096, 64}, {1 << 20, 4}};

  private static final long BUSY_NANOS = MICROSECONDS.toNanos(20);

  private Trips() {}

  /** Measures calls with nothing in and a number out. */
  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    List<Table> tables = new ArrayList<>();
    try (Ground ground = new Ground()) {
      for (int inFlight : IN_FLIGHT) {
        tables.add(
            harness.compare(
                "trip-" + inFlight,
                "Round trip, ready at first poll, " + Metric.round(inFlight) + " in flight",
                RoundTrips.FUTURE,
                all(ground, inFlight)));
      }
    }
    return tables;
  }

  /**
   * Measures calls one by one, each sent when the one before is back: with and without lingering.
   */
  static List<Table> lingering(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground();
        NativeRuntime parking = ground.open(builder -> builder.linger(Duration.ZERO))) {
      RoundTrips trips = new RoundTrips(ground);
      List<Arm> arms = new ArrayList<>();
      arms.add(trips.raw(Targets.LINGERING, 1, add(ground.runtime)));
      arms.add(trips.raw(RoundTrips.RAW, 1, add(parking)));
      arms.add(trips.future(1, Trips::javaAdd));
      arms.add(naive(trips, 1));
      return List.of(
          harness.compare(
              "linger-1", "Lingering, 1 in flight, one after another", RoundTrips.FUTURE, arms));
    }
  }

  /** Measures calls with a buffer in and one of the same size out. */
  static List<Table> payloads(Harness harness, Consumer<String> notes) throws Exception {
    List<Table> tables = new ArrayList<>();
    try (Ground ground = new Ground()) {
      RoundTrips trips = new RoundTrips(ground);
      for (int[] payload : PAYLOADS) {
        byte[] bytes = new byte[payload[0]];
        int inFlight = payload[1];
        NativeCall<byte[]> echo = Fn.ECHO.call(ground.runtime, bytes);
        List<Arm> arms = new ArrayList<>(trips.bridge(inFlight, echo));
        // Java alone may hand over a reference: owning the bytes costs one copy.
        arms.add(trips.future(inFlight, bytes::clone));
        arms.add(trips.naive(RoundTrips.NAIVE, inFlight, () -> HandWritten.callEcho(bytes)));
        tables.add(
            harness
                .warm()
                .compare(
                    "bytes-" + payload[0],
                    Metric.round(payload[0]) + " bytes in and out, " + inFlight + " in flight",
                    RoundTrips.FUTURE,
                    arms));
      }
    }
    return tables;
  }

  /** Measures on a loop that always has another task of 20 µs to run. */
  static List<Table> saturated(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground()) {
      List<Arm> arms = new ArrayList<>();
      for (Arm arm : all(ground, BURST)) {
        arms.add(new BusyLoop(arm, ground.loop, BUSY_NANOS));
      }
      return List.of(
          harness.compare(
              "saturated",
              "Round trip on a loop busy with tasks of 20 µs, 256 in flight",
              RoundTrips.FUTURE,
              arms));
    }
  }

  private static List<Arm> all(Ground ground, int inFlight) {
    RoundTrips trips = new RoundTrips(ground);
    List<Arm> arms = new ArrayList<>(trips.bridge(inFlight, add(ground.runtime)));
    arms.addAll(trips.java(inFlight, Trips::javaAdd));
    arms.add(naive(trips, inFlight));
    arms.add(trips.batched(inFlight, batched -> batched.callAdd(A, B)));
    arms.add(trips.naive(RoundTrips.BY_NAME, inFlight, () -> HandWritten.callAddByName(A, B)));
    return arms;
  }

  static NativeCall<Long> add(NativeRuntime runtime) {
    return Fn.ADD.call(runtime, A, B);
  }

  static Long javaAdd() {
    return A + B;
  }

  static Arm naive(RoundTrips trips, int inFlight) {
    return trips.naive(RoundTrips.NAIVE, inFlight, () -> HandWritten.callAdd(A, B));
  }
}
