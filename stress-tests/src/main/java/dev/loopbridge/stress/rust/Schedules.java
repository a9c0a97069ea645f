package dev.loopbridge.stress.rust;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.MissingToolException;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs the scenarios of the protocol crate that are too large for loom, on schedules that shuttle
 * draws; one is a whole port with its owner loop, dispatcher and workers.
 */
public final class Schedules extends Suite {

  private static final int SCENARIOS = 9;

  public Schedules() {
    super(
        "schedules",
        "shuttle runs whole ports on schedules it draws (PCT of depth 3, random walk)");
  }

  /** Returns false for T0: the scenarios take a minute to build. */
  @Override
  public boolean runsIn(Tier tier) {
    return tier != Tier.T0;
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    long each = schedules(tier);
    return Map.of(
        Invariant.I1, 5 * each,
        Invariant.I2, 4 * each,
        Invariant.I3, 5 * each,
        Invariant.I5, 3 * each,
        Invariant.I8, 3 * each,
        Invariant.I9, 3 * each,
        Invariant.I20, 3 * each,
        Invariant.I24, each);
  }

  /** Returns the number of schedules for each scenario. */
  private static long schedules(Tier tier) {
    return tier.choose(8_000L, 200_000L, 2_000_000L);
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(5), Duration.ofMinutes(12), Duration.ofMinutes(60));
  }

  @Override
  public void run(Trial trial) throws Exception {
    explore(trial, "shuttle*");
  }

  /**
   * Replays the scenarios of one file from the seed, or one schedule: {@code FILE/TEST/SCHEDULE}.
   */
  @Override
  public void replay(Trial trial, String scene) throws Exception {
    String[] names = scene.split("/");
    if (names.length < 3) {
      explore(trial, names[0]);
    } else {
      scenarios(trial, names[0], names[1]).with("SHUTTLE_SCHEDULE", names[2]).run(trial);
    }
  }

  private static void explore(Trial trial, String files) throws Exception {
    CargoTest scenarios =
        scenarios(trial, files)
            // Shuttle's seed has no sign.
            .with("SHUTTLE_SEED", Long.toUnsignedString(trial.seed()))
            .with("SHUTTLE_SCHEDULES", String.valueOf(schedules(trial.tier())));
    Duration time = trial.time(Duration.ZERO);
    if (!time.isZero()) {
      scenarios.with("SHUTTLE_SECONDS", String.valueOf(Math.max(2, time.toSeconds() / SCENARIOS)));
    }
    scenarios.run(trial).reportCounts("schedules", "scenarios");
  }

  private static CargoTest scenarios(Trial trial, String files, String... tests)
      throws MissingToolException {
    List<String> what =
        new ArrayList<>(List.of("--package", "loopbridge-protocol", "--test", files));
    what.addAll(List.of(tests));
    return new CargoTest(trial.checkout(), "shuttle", "release", what)
        .with("RUSTFLAGS", "--cfg shuttle -D warnings")
        .with("CARGO_PROFILE_RELEASE_LTO", "off")
        .with("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true");
  }
}
