package dev.loopbridge.stress.rust;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Runs the loom models of the protocol crate: each interleaving of a few threads, under the memory
 * model of C11. At T0 the flags are those of native-executor's own build, whose binaries are used
 * if they are there.
 */
public final class Models extends Suite {

  private static final int LEAST_MODELS = 40;

  public Models() {
    super("models", "loom explores all interleavings of the protocol's models");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    long scale = tier.choose(1L, 10L, 50L);
    return Map.of(
        Invariant.I1, 1_000 * scale,
        Invariant.I2, 500 * scale,
        Invariant.I3, 1_000 * scale,
        Invariant.I5, 200 * scale,
        Invariant.I8, 1_000 * scale,
        Invariant.I9, 500 * scale,
        Invariant.I19, 3_000 * scale,
        Invariant.I20, 100 * scale);
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(8), Duration.ofMinutes(15), Duration.ofMinutes(60));
  }

  @Override
  public void run(Trial trial) throws Exception {
    int complete = explore(trial, "loom*");
    if (complete > 0 && complete < LEAST_MODELS) {
      trial.incomplete("%d models of at least %d".formatted(complete, LEAST_MODELS));
    }
  }

  /** Runs the models of one file. */
  @Override
  public void replay(Trial trial, String scene) throws Exception {
    explore(trial, scene);
  }

  private static int explore(Trial trial, String files) throws Exception {
    TestReport report =
        new CargoTest(
                trial.checkout(),
                "loom",
                trial.tier() == Tier.T0 ? "dev" : "release",
                List.of("--package", "loopbridge-protocol", "--test", files))
            .with("RUSTFLAGS", "--cfg loom -D warnings")
            .with("LOOM_MAX_PREEMPTIONS", trial.choose("2", "4", "5"))
            .run(trial);
    report.reportCounts("interleavings", "models");
    return report.complete();
  }
}
