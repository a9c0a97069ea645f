package dev.loopbridge.stress.lincheck;

import dev.loopbridge.ProtocolScenes;
import dev.loopbridge.RaceGround;
import dev.loopbridge.SettleScenes;
import dev.loopbridge.TableScenes;
import dev.loopbridge.reactor.AdapterScenes;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * The Java halves of the protocol, by Lincheck: programs of two threads, each in many
 * interleavings, whose results one thread must be able to explain. It takes memory to be
 * sequentially consistent; what is not, the suite {@code jcstress} tries. The programs are the same
 * in each run, whatever the seed.
 */
public final class LincheckSuite implements Suite {

  private static final List<Scene> SCENES =
      List.of(
          Scene.of(SettleScenes.Step.class, SettleScenes.Once.class, Invariant.I3),
          Scene.validated(ProtocolScenes.Doorbell.class, Invariant.I1),
          Scene.validated(ProtocolScenes.Wakes.class, Invariant.I2),
          Scene.validated(ProtocolScenes.Inbox.class, Invariant.I1),
          Scene.of(
              ProtocolScenes.Submissions.class, ProtocolScenes.BoundedQueue.class, Invariant.I1),
          Scene.of(SettleScenes.Handle.class, SettleScenes.Once.class, Invariant.I3),
          Scene.of(SettleScenes.Answer.class, SettleScenes.Once.class, Invariant.I3),
          Scene.of(SettleScenes.Stage.class, SettleScenes.PlainFuture.class, Invariant.I3),
          Scene.validated(SettleScenes.Hop.class, Invariant.I3),
          Scene.validated(AdapterScenes.Worker.class, Invariant.I1),
          Scene.of(AdapterScenes.Value.class, AdapterScenes.ValueOrNothing.class, Invariant.I3));

  private static final int SMOKE = 2;

  private static final Scene CONTROL =
      Scene.of(SettleScenes.BrokenStep.class, SettleScenes.Once.class, Invariant.I3);

  /** Tables of the loop's own: programs of one thread. */
  private static final Map<String, Supplier<TableScenes.Calls>> TABLES =
      Map.of("Slots", TableScenes.Slots::new, "Objects", TableScenes.Objects::new);

  /** Made by name, as the suites are. */
  public LincheckSuite() {}

  @Override
  public String name() {
    return "lincheck";
  }

  @Override
  public String about() {
    return "the Java halves of the protocol in many interleavings, by Lincheck";
  }

  /** Lincheck changes classes as they are loaded, by an agent that it makes of itself. */
  @Override
  public List<String> jvmOptions() {
    return List.of("-XX:+EnableDynamicAgentLoading", "-Djdk.attach.allowAttachSelf=true");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    Map<Invariant, Long> least = new LinkedHashMap<>();
    least.put(Invariant.I10, tier.choose(20_000L, 1_000_000L, 10_000_000L));
    least.put(Invariant.I3, tier.choose(200L, 5_000L, 25_000L));
    least.put(Invariant.I1, tier.choose(200L, 5_000L, 25_000L));
    if (tier != Tier.T0) {
      least.put(Invariant.I2, tier.choose(0L, 1_000L, 5_000L));
    }
    return least;
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(3), Duration.ofMinutes(20), Duration.ofHours(1));
  }

  @Override
  public void run(Trial trial) throws Exception {
    trial.control(
        "two tables, of which one gives a name again",
        !differ(trial, "control", TableScenes.BrokenSlots::new).isEmpty());
    for (String table : TABLES.keySet()) {
      run(trial, table);
    }
    trial.control(
        "a decision that is looked at and then made", explore(trial, CONTROL).isPresent());
    List<Scene> scenes = trial.tier() == Tier.T0 ? SCENES.subList(0, SMOKE) : SCENES;
    for (Scene scene : scenes) {
      run(trial, scene);
    }
  }

  /** A scene is the name of one of them. */
  @Override
  public void replay(Trial trial, String scene) throws Exception {
    if (TABLES.containsKey(scene)) {
      run(trial, scene);
      return;
    }
    for (Scene one : SCENES) {
      if (one.name().equals(scene)) {
        run(trial, one);
        return;
      }
    }
    throw new IllegalArgumentException("there is no scene " + scene + ", only " + SCENES);
  }

  private static void run(Trial trial, String table) {
    String difference = differ(trial, table, TABLES.get(table));
    if (!difference.isEmpty()) {
      trial.violated(Invariant.I10, table + ":" + difference, table);
    } else {
      trial.ran(Invariant.I10, "programs", programs(trial));
    }
  }

  private static String differ(Trial trial, String name, Supplier<TableScenes.Calls> table) {
    SplittableRandom random = trial.random(name);
    for (long program = programs(trial); program > 0; program--) {
      String difference = TableScenes.differ(table.get(), random);
      if (!difference.isEmpty()) {
        return difference;
      }
    }
    return "";
  }

  private static long programs(Trial trial) {
    return trial.tier().choose(10_000L, 500_000L, 5_000_000L);
  }

  private static void run(Trial trial, Scene scene) {
    // What all scenes share is there before Lincheck looks at what a scene changes.
    RaceGround.ADD.runtime().metrics();
    CountingVerifier.taken();
    long began = System.nanoTime();
    Optional<String> found = explore(trial, scene);
    long interleavings = CountingVerifier.taken();
    if (found.isPresent()) {
      trial.violated(scene.invariant(), scene.name() + ": " + found.get(), scene.name());
      return;
    }
    trial.ran(scene.invariant(), "interleavings", interleavings);
    trial.note(
        String.format(
            "%-12s %,8d interleavings in %,d ms",
            scene.name(), interleavings, (System.nanoTime() - began) / 1_000_000));
  }

  private static Optional<String> explore(Trial trial, Scene scene) {
    return scene.explore(trial.tier().choose(5, 20, 60), trial.tier().choose(100, 250, 1_000));
  }
}
