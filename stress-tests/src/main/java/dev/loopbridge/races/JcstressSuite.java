package dev.loopbridge.races;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.openjdk.jcstress.infra.runners.TestList;

/**
 * Runs the races by jcstress: pairs of steps that meet millions of times, in the real library and
 * in the Java halves of its protocol alone. jcstress generates a runner for each race.
 */
public final class JcstressSuite extends Suite {

  private static final String CONTROL = BrokenLatch.class.getName();

  /** How often the control may run: on a busy machine the actors may hardly run at once. */
  private static final int CONTROL_ATTEMPTS = 5;

  /** A shorter list of tests was lost on the way into the jar. */
  private static final int LEAST_TESTS = 20;

  /** The samples that each race of T0 should have. */
  private static final long SMOKE_SAMPLES = 20_000;

  /** How many times as long a race of T0 runs again that had too few samples. */
  private static final int LONGER = 10;

  /** The races of T0: one of a decision, one of a wake, one through Rust. */
  private static final List<String> SMOKE =
      List.of("DecisionRaces.SettleOrCancel", "RingRaces.LookOrIdle", "CallRaces.CompleteOrCancel");

  /** Makes the suite; {@code SuiteMain} calls this by reflection. */
  public JcstressSuite() {
    super(
        "jcstress",
        "pairs of steps that race, by jcstress: decisions, rings, calls, ends, adapters");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    Map<Invariant, Long> least = new LinkedHashMap<>();
    least.put(Invariant.I3, tier.choose(SMOKE_SAMPLES, 1_000_000L, 10_000_000L));
    least.put(Invariant.I1, tier.choose(SMOKE_SAMPLES, 1_000_000L, 10_000_000L));
    if (tier != Tier.T0) {
      least.put(Invariant.I2, tier.choose(0L, 100_000L, 1_000_000L));
      least.put(Invariant.I8, tier.choose(0L, 100_000L, 1_000_000L));
      least.put(Invariant.I24, tier.choose(0L, 100_000L, 1_000_000L));
    }
    return least;
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofSeconds(150), Duration.ofMinutes(18), Duration.ofHours(3));
  }

  @Override
  public void run(Trial trial) throws Exception {
    boolean noticed = false;
    for (int attempt = 0; attempt < CONTROL_ATTEMPTS && !noticed; attempt++) {
      Race control = new Race(CONTROL, Duration.ofMillis(500), 1);
      control.run(trial.directory());
      noticed = !control.finding().isEmpty();
    }
    trial.control("a latch that is looked at and then set", noticed);
    List<String> tests = all();
    if (tests.size() < LEAST_TESTS) {
      throw new IllegalStateException("the list of jcstress has only " + tests);
    }
    if (trial.tier() == Tier.T0) {
      tests = tests.stream().filter(test -> SMOKE.stream().anyMatch(test::endsWith)).toList();
    }
    run(trial, tests);
  }

  private static List<String> all() {
    return new TreeSet<>(TestList.tests()).stream().filter(test -> !test.equals(CONTROL)).toList();
  }

  /** Runs the tests whose names contain {@code scene}. */
  @Override
  public void replay(Trial trial, String scene) throws Exception {
    List<String> tests = all().stream().filter(test -> test.contains(scene)).toList();
    if (tests.isEmpty()) {
      throw new IllegalArgumentException("no test is named " + scene + ", only " + all());
    }
    run(trial, tests);
  }

  private static void run(Trial trial, List<String> tests) throws Exception {
    int iterations = trial.choose(2, 4, 30);
    Duration time =
        trial.time(
            trial.choose(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(90)));
    for (String test : tests) {
      Race race = new Race(test, time.dividedBy(iterations), iterations);
      race.run(trial.directory());
      boolean quiet = !race.hangs() && race.finding().isEmpty();
      if (quiet && race.samples() < trial.choose(SMOKE_SAMPLES, 0L, 0L)) {
        // On a busy machine the actors hardly run at once.
        race = new Race(test, time.multipliedBy(LONGER).dividedBy(iterations), iterations);
        race.run(trial.directory());
      }
      String scene = test.substring(test.lastIndexOf('.', test.lastIndexOf('.') - 1) + 1);
      Invariant invariant = invariant(scene);
      if (race.hangs()) {
        trial.hangs(invariant, scene + " did not end", scene);
      } else if (!race.finding().isEmpty()) {
        trial.violated(invariant, scene + ": " + race.finding(), scene);
      } else {
        trial.ran(invariant, "samples of " + tests.size() + " tests", race.samples());
        trial.note(
            String.format(
                "%-38s %,12d samples, %d outcomes", scene, race.samples(), race.outcomes()));
      }
    }
  }

  /** Returns the invariant that a test tries. */
  private static Invariant invariant(String test) {
    String races = test.substring(0, test.indexOf('.'));
    String pair = test.substring(test.indexOf('.') + 1);
    return switch (races) {
      case "RingRaces" ->
          pair.endsWith("Whole") || pair.endsWith("InOrder")
              ? Invariant.I24
              : pair.equals("WakeOrWake") ? Invariant.I2 : Invariant.I1;
      case "CallRaces" ->
          pair.contains("Seen") || pair.endsWith("InOrder") ? Invariant.I24 : Invariant.I3;
      case "DecisionRaces" -> pair.startsWith("Ref") ? Invariant.I8 : Invariant.I3;
      case "EndRaces" ->
          switch (pair) {
            case "CallOrLoopEnd", "CallOrRelease", "BindOrBind" -> Invariant.I3;
            default -> Invariant.I8;
          };
      case "ObjectRaces" -> Invariant.I8;
      case "SchedulerRaces" -> Invariant.I1;
      default -> Invariant.I3;
    };
  }
}
