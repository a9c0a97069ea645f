package dev.loopbridge.benchmark;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.util.List;
import java.util.function.Consumer;

/**
 * Measures a way from the loop to Rust, back to a handler on the loop, to Rust again, and back with
 * the result.
 */
final class Asking {

  private Asking() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground()) {
      NativeRuntime runtime = ground.runtime;
      RoundTrips trips = new RoundTrips(ground);
      JavaHandler<Long, Long> same = JavaHandler.of(Long.class, Long.class, number -> number);
      NativeCall<Void> keep = Fn.KEEP.call(runtime, same.atOnce(Trips.BURST));
      keep.toFuture(ground.owner).join();
      try {
        NativeCall<Long> pend = Fn.PEND_ONCE.call(runtime, 1L);
        NativeCall<Long> kept = Fn.ASK_KEPT.call(runtime, 1L);
        NativeCall<Long> passed = Fn.ASK.call(runtime, 1L, same.atOnce(1));
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
        Fn.FORGET.call(runtime).toFuture(ground.owner).join();
      }
    }
  }
}
