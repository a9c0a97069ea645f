package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
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
    try (Ground ground = new Ground()) {
      RoundTrips trips = new RoundTrips(ground);
      List<Arm> arms = new ArrayList<>();
      for (int size : SIZES) {
        int inFlight = Math.min(Trips.BURST, BYTES_IN_FLIGHT / Math.max(1, size));
        NativeCall<byte[]> echo = Fn.ECHO.call(ground.runtime, new byte[size]);
        arms.add(trips.raw(arm(size), inFlight, echo));
      }
      Table table =
          harness
              .warm()
              .compare(
                  ID,
                  "Bytes in and out, by their number, up to 256 in flight",
                  Harness.CPU,
                  arm(8),
                  arms,
                  harness.effort().sliceNanos());
      Bend.note(table, Harness.CPU, notes);
      return List.of(table);
    }
  }

  static String arm(int size) {
    return RoundTrips.RAW + ", " + Metric.round(size) + " bytes";
  }
}
