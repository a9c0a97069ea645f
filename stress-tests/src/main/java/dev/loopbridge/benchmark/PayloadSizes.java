package dev.loopbridge.benchmark;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Measures what a call costs by the size of its payload, and names the size where that bends. */
final class PayloadSizes {

  static final String ID = "payload-sizes";

  private static final int[] SIZES = {
    0, 8, 32, 48, 64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 1 << 20
  };

  /** All payloads in flight together fit into the caches. */
  private static final int BYTES_IN_FLIGHT = 4 << 20;

  private PayloadSizes() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    List<NativeRuntime> runtimes = new ArrayList<>();
    try (Ground ground = new Ground()) {
      try {
        Table table =
            harness
                .warm()
                .compare(
                    ID,
                    "Bytes in and out, by their number, up to 256 in flight",
                    Harness.CPU,
                    arm(8),
                    arms(ground, runtimes),
                    harness.effort().sliceNanos());
        Bend.note(table, Harness.CPU, notes);
        return List.of(table);
      } finally {
        runtimes.forEach(NativeRuntime::close);
      }
    }
  }

  /** Returns arms with a runtime each: one that met long polls starts a function in another way. */
  private static List<Arm> arms(Ground ground, List<NativeRuntime> runtimes) {
    RoundTrips trips = new RoundTrips(ground);
    List<Arm> arms = new ArrayList<>();
    for (int size : SIZES) {
      NativeRuntime runtime = ground.open(builder -> builder);
      runtimes.add(runtime);
      int inFlight = Math.min(Trips.BURST, BYTES_IN_FLIGHT / Math.max(1, size));
      arms.add(trips.raw(arm(size), inFlight, Fn.ECHO.call(runtime, new byte[size])));
    }
    return arms;
  }

  static String arm(int size) {
    return RoundTrips.RAW + ", " + Metric.round(size) + " bytes";
  }
}
