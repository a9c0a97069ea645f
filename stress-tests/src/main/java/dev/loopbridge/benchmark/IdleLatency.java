package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.MICROSECONDS;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Measures how long a single call takes if every thread sleeps before it; no lingering. */
final class IdleLatency {

  private static final long REST_NANOS = MICROSECONDS.toNanos(300);

  /** The rests take most of a slice. */
  private static final int SLICES = 4;

  private IdleLatency() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground(builder -> builder.linger(Duration.ZERO));
        ParkedPair host = new ParkedPair(REST_NANOS)) {
      RoundTrips trips = new RoundTrips(ground);
      var add = Trips.add(ground.runtime);
      List<Arm> arms = new ArrayList<>();
      for (Arm arm : trips.bridge(1, add)) {
        arms.add(resting(arm));
      }
      for (Arm arm : trips.java(1, Trips::javaAdd)) {
        arms.add(resting(arm));
      }
      arms.add(resting(Trips.naive(trips, 1)));
      arms.add(host);
      return List.of(
          harness.compare(
              "idle",
              "Latency of a single call, all threads asleep before it",
              Pump.P50,
              RoundTrips.FUTURE,
              arms,
              SLICES * harness.effort().sliceNanos()));
    }
  }

  private static Arm resting(Arm arm) {
    return ((Pump) arm).resting(REST_NANOS);
  }
}
