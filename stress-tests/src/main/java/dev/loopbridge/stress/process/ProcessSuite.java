package dev.loopbridge.stress.process;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Runs JVMs that end, take signals, fork, load the library and drop it again. */
public final class ProcessSuite extends Suite {

  private static final List<Part> PARTS =
      List.of(
          new SignalHandling(),
          new Threads(),
          new Reloads(),
          new Loading(),
          new Forks(),
          new Exits());

  public ProcessSuite() {
    super(
        "process",
        "JVMs that exit with work in flight, load, reload and fork, beside hostile files");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    Map<Invariant, Long> least = new EnumMap<>(Invariant.class);
    least.put(Invariant.I15, tier.choose(8L, 110L, 7_500L));
    least.put(Invariant.I16, tier.choose(20L, 500L, 20_000L));
    least.put(Invariant.I17, tier.choose(4L, 20L, 500L));
    least.put(Invariant.I21, tier.choose(30L, 150L, 3_000L));
    least.put(Invariant.I22, tier.choose(8L, 110L, 7_500L));
    least.put(Invariant.I25, tier.choose(4L, 30L, 1_000L));
    if (tier != Tier.T0) {
      least.put(Invariant.I13, tier.choose(0L, 20L, 3_000L));
      least.put(Invariant.I14, tier.choose(0L, 9L, 600L));
    }
    return least;
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(4), Duration.ofMinutes(15), Duration.ofHours(4));
  }

  @Override
  public void run(Trial trial) throws Exception {
    for (Part part : PARTS) {
      long start = System.nanoTime();
      part.run(trial, "");
      trial.note("%s took %.1f s".formatted(part.name(), (System.nanoTime() - start) / 1e9));
    }
  }

  /** Runs a part: the scene is the part's name and, behind a slash, the part's own scene. */
  @Override
  public void replay(Trial trial, String scene) throws Exception {
    String[] name = scene.split("/", 2);
    for (Part part : PARTS) {
      if (part.name().equals(name[0])) {
        part.run(trial, name.length > 1 ? name[1] : "");
        return;
      }
    }
    throw new IllegalArgumentException("the suite has no part " + name[0]);
  }
}
