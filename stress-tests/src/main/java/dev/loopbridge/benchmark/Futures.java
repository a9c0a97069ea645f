package dev.loopbridge.benchmark;

import static java.util.concurrent.TimeUnit.MICROSECONDS;

import dev.loopbridge.NativeCall;
import dev.loopbridge.kit.Fn;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Measures futures that are not ready at their first poll, and futures that compute. */
final class Futures {

  private static final String HEAVY = "bridge raw, marked heavy";

  /** How many futures are in flight: enough that no worker waits for the loop. */
  private static final int COMPUTING = 64;

  /** Above the numbers for which the JVM keeps a Long. */
  private static final long PENDING_VALUE = 1000;

  private static final long[] MICROS = {10, 1000};

  /** Long enough for many times the futures in flight. */
  private static final int SLICES = 4;

  private Futures() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    List<Table> tables = new ArrayList<>();
    try (Ground ground = new Ground()) {
      RoundTrips trips = new RoundTrips(ground);
      NativeCall<Long> pend = Fn.PEND_ONCE.call(ground.runtime, PENDING_VALUE);
      List<Arm> pending = new ArrayList<>(trips.bridge(Trips.BURST, pend));
      pending.add(
          trips.naive(
              RoundTrips.NAIVE, Trips.BURST, () -> HandWritten.callPendOnce(PENDING_VALUE)));
      pending.add(trips.batched(Trips.BURST, batched -> batched.callPendOnce(PENDING_VALUE)));
      tables.add(
          harness.compare("pend-256", "Pending once, 256 in flight", RoundTrips.NAIVE, pending));
      for (long micros : MICROS) {
        tables.add(
            harness.compare(
                "burn-" + micros,
                micros == 1000 ? "1 ms of CPU, 64 in flight" : "10 µs of CPU, 64 in flight",
                Harness.NANOS,
                Targets.BARE,
                List.of(
                    trips.raw(COMPUTING, Fn.BURN.call(ground.runtime, micros)),
                    trips.raw(HEAVY, COMPUTING, Fn.COMPUTE_HEAVY.call(ground.runtime, micros)),
                    trips.future(COMPUTING, () -> burn(micros)),
                    trips.naive(RoundTrips.NAIVE, COMPUTING, () -> HandWritten.callBurn(micros)),
                    new Bare(micros)),
                SLICES * harness.effort().sliceNanos()));
      }
    }
    return tables;
  }

  /** Computes for so long in Java, in place of the native function. */
  private static long burn(long micros) {
    long end = System.nanoTime() + MICROSECONDS.toNanos(micros);
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return micros;
  }

  /** An arm with the same futures in a Tokio program without a JVM. */
  private record Bare(long micros) implements Arm {

    @Override
    public String name() {
      return Targets.BARE;
    }

    @Override
    public long run(long nanos) {
      return HandWritten.bareBurn(COMPUTING, micros, nanos);
    }
  }
}
