package dev.loopbridge.stress.hygiene;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Checks that a JVM's memory does not grow while calls come and go. */
final class Soak {

  static final String NAME = "soak";

  /** The JVM's options: the heap is resident from the start, so that growth is not the heap's. */
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms64m",
          "-Xmx64m",
          "-XX:+AlwaysPreTouch",
          "-XX:MaxDirectMemorySize=4g");

  private static final double NANOS_PER_MINUTE = 60e9;
  private static final double MIB = 1 << 20;
  private static final double MOST_MIB_PER_MINUTE = 1;

  /** The growth that compiled code and the allocators may add while the line is fitted. */
  private static final double NOISE_MIB = 8;

  private Soak() {}

  /** Runs the soak; a planted leak must be noticed. */
  static void run(Trial trial, boolean planted) throws Exception {
    Duration time =
        trial.time(
            trial.choose(Duration.ofSeconds(5), Duration.ofSeconds(25), Duration.ofMinutes(30)));
    if (planted && time.toMinutes() > 1) {
      time = Duration.ofMinutes(1);
    }
    Duration limit = time.plusMinutes(2);
    try (LoadChild load = LoadChild.serve(trial, NAME, OPTIONS, limit)) {
      try {
        if (planted) {
          load.send("plant memory 1");
        }
        load.send("soak " + time.toMillis());
        long calls = Long.parseLong(load.answer(Load.SOAKED));
        Growth growth = growth(load);
        if (planted) {
          trial.control("memory that grows", growth.complaint().isPresent());
          return;
        }
        load.judge(Invariant.I6, "", growth.complaint().orElse(""));
        trial.ran(Invariant.I6, "calls in a soak", calls);
        trial.note("soak: %,d calls, %s".formatted(calls, growth));
        load.send("rest");
        load.rested();
        load.send("close");
      } catch (LoadChild.DiedException e) {
        // The events that follow report the result.
      }
      load.judgeEnd(Invariant.I6);
    }
  }

  /** The line through the second half of the samples. */
  record Growth(double mibPerMinute, double minutes) {

    Optional<String> complaint() {
      boolean grows = mibPerMinute > MOST_MIB_PER_MINUTE && mibPerMinute * minutes > NOISE_MIB;
      return grows ? Optional.of("resident memory grows by " + this) : Optional.empty();
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%.2f MiB a minute over %.2f minutes", mibPerMinute, minutes);
    }
  }

  private static Growth growth(LoadChild load) {
    List<double[]> points = new ArrayList<>();
    for (String line : load.child().output()) {
      String[] words = line.split(" ");
      if (words[0].equals(Load.SAMPLE)) {
        points.add(
            new double[] {
              Long.parseLong(words[1]) / NANOS_PER_MINUTE, Long.parseLong(words[2]) / MIB
            });
      }
    }
    List<double[]> half = points.subList(points.size() / 2, points.size());
    double meanTime = half.stream().mapToDouble(point -> point[0]).average().orElseThrow();
    double meanSize = half.stream().mapToDouble(point -> point[1]).average().orElseThrow();
    double products = 0;
    double squares = 0;
    for (double[] point : half) {
      products += (point[0] - meanTime) * (point[1] - meanSize);
      squares += (point[0] - meanTime) * (point[0] - meanTime);
    }
    return new Growth(products / squares, half.get(half.size() - 1)[0] - half.get(0)[0]);
  }
}
