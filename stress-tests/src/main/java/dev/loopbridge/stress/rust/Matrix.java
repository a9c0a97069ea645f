package dev.loopbridge.stress.rust;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Runs the life of a call in all combinations, on the executor crate's model of an owner loop: the
 * behaviour of its future, the source of its wakes, the moment of its cancel, the end of its
 * surroundings, and the fate of its lent memory.
 */
public final class Matrix extends Suite {

  /** The combinations: 10 368 without the impossible ones and the twins. */
  private static final long LEAST = 3_000;

  public Matrix() {
    super("matrix", "a call's life in all its combinations, on a model of the owner loop");
  }

  /** Returns false for T0: every build runs the whole matrix among its tests. */
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
    // The build is that of self-check's library: quick, without optimisation.
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
