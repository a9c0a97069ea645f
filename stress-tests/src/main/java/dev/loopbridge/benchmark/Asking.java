package dev.loopbridge.benchmark;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import java.util.List;
import java.util.function.Consumer;

/**
 * From the loop to Rust, back to a handler on the loop, to Rust again, and back with the result.
 */
final class Asking {

  private Asking() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground()) {
      NativeRuntime runtime = ground.runtime;
      RoundTrips trips = new RoundTrips(ground);
      JavaHandler<Long, Long> same = JavaHandler.of(Long.class, Long.class, number -> number);
      NativeCall<Void> keep =
          runtime.function("keep", Void.class, JavaHandler.class).call(same.atOnce(Trips.BURST));
      keep.toFuture(ground.owner).join();
      try {
        NativeCall<Long> pend = runtime.function("pendOnce", Long.class, long.class).call(1L);
        NativeCall<Long> kept = runtime.function("askKept", Long.class, long.class).call(1L);
        NativeCall<Long> passed =
            runtime
                .function("ask", Long.class, long.class, JavaHandler.class)
                .call(1L, same.atOnce(1));
        return List.of(
            harness.compare(
                "ask-256",
                "Asking a Java handler on the way, 256 in flight",
                RoundTrips.RAW,
                List.of(
                    trips.raw(RoundTrips.RAW, Trips.BURST, pend),
                    trips.raw(Targets.ASKING, Trips.BURST, kept),
                    trips.raw("bridge raw, asking a handler it brings", Trips.BURST, passed))));
      } finally {
        runtime.function("forget", Void.class).call().toFuture(ground.owner).join();
      }
    }
  }
}
