package dev.loopbridge.stress.storm;

import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * The main class of a storm in a JVM of its own, which may have one core only, or be stopped at
 * times.
 */
final class StormMain {

  private StormMain() {}

  /**
   * Takes a trial's arguments, the name of the loop kind, milliseconds, the seed, and the scene.
   */
  public static void main(String... arguments) throws Exception {
    List<String> rest = new ArrayList<>(List.of(arguments));
    Trial trial = Trial.inChild(rest);
    LoopKind kind =
        ServiceLoader.load(LoopKind.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.name().equals(rest.get(0)))
            .findFirst()
            .orElseThrow();
    Duration time = Duration.ofMillis(Long.parseLong(rest.get(1)));
    long seed = Long.parseLong(rest.get(2));
    Findings findings = Findings.by(trial, rest.get(3));
    boolean held;
    try (Storm storm =
        new Storm(kind, seed, 0, 0, (seed & 1) == 0, StormSuite.PATIENCE, findings)) {
      trial.watch(storm.runtime());
      held = storm.run(time);
    }
    Runtime.getRuntime().halt(held ? 0 : 1);
  }
}
