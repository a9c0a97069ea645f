package dev.loopbridge.stress.rust;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The life of a call in all its combinations, on the executor crate's model of an owner loop: what
 * its future does, what wakes it, when it is cancelled, what ends around it, and what becomes of
 * its lent memory.
 */
public final class Matrix extends Suite {

  /** Of 10 368, less those that are impossible or twins. */
  private static final long LEAST = 3_000;

  public Matrix() {
    super("matrix", "a call's life in all its combinations, on a model of the owner loop");
  }

  /** All of it is among the tests of every build. */
  @Override
  public boolean runsIn(Tier tier) {
    return tier != Tier.T0;
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return Map.of(
        Invariant.I3, LEAST, Invariant.I5, LEAST, Invariant.I6, LEAST, Invariant.I9, LEAST);
  }

  @Override
  public Duration limit(Tier tier) {
    return Duration.ofMinutes(12);
  }

  @Override
  public void run(Trial trial) throws Exception {
    // Built like self-check's library: quickly and without optimisation.
    new CargoTest(
            trial.checkout(),
            "seeded",
            "release",
            List.of("--package", "loopbridge", "--lib", "matrix"))
        .with("CARGO_PROFILE_RELEASE_LTO", "off")
        .with("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .with("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")
        .run(trial)
        .reportCounts("combinations", "matrix");
  }
}
