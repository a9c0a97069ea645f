package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import java.util.ArrayList;
import java.util.List;

public final class Main {
  public static void main(String[] args) throws Exception {
    Effort effort = args.length > 0 && args[0].equals("--quick") ? Effort.QUICK : Effort.FULL;
    Harness harness = new Harness(effort);
    try (Ground ground = new Ground()) {
      RoundTrips trips = new RoundTrips(ground);
      NativeCall<Long> add =
          ground.runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
      NativeCall<Long> pend = ground.runtime.function("pendOnce", Long.class, long.class).call(1L);
      long a = 1, b = 2;
      for (int inFlight : new int[] {1, 16, 256, 4096}) {
        List<Arm> arms = new ArrayList<>(trips.bridge(inFlight, add));
        arms.addAll(trips.java(inFlight, () -> a + b));
        arms.add(trips.naive(RoundTrips.NAIVE, inFlight, () -> HandWritten.callAdd(1, 2)));
        arms.add(trips.naive(RoundTrips.BY_NAME, inFlight, () -> HandWritten.callAddByName(1, 2)));
        print(
            harness.compare(
                "trip-" + inFlight,
                "Round trip, " + inFlight + " in flight",
                RoundTrips.FUTURE,
                arms));
      }
      List<Arm> arms = new ArrayList<>(trips.bridge(256, pend));
      arms.add(trips.naive(RoundTrips.NAIVE, 256, () -> HandWritten.callPendOnce(1)));
      print(harness.compare("pend-256", "pend once 256", RoundTrips.NAIVE, arms));
      System.out.println("discarded " + harness.discarded());
    }
  }

  static void print(Table t) {
    System.out.println(t.title() + "  baseline " + t.baseline());
    for (Table.Row r : t.rows()) {
      double[] ratios = t.ratios(r.arm(), t.baseline(), "ns");
      System.out.printf(
          "%-40s %9.0f ns [%7.0f %7.0f]  cpu %7.0f  ratio %6.2f [%5.2f %5.2f] bytes %6.0f  up %.4f down %.4f turns %.4f%n",
          r.arm(),
          r.median("ns"),
          Table.quantile(r.metrics().get("ns"), .25),
          Table.quantile(r.metrics().get("ns"), .75),
          r.median("cpuNs"),
          Table.median(ratios),
          Table.quantile(ratios, 0),
          Table.quantile(ratios, 1),
          r.median("bytes"),
          r.median("upcalls"),
          r.median("downcalls"),
          r.median("turns"));
    }
  }
}
