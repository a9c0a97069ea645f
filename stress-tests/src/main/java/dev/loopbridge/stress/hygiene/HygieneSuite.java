package dev.loopbridge.stress.hygiene;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import dev.loopbridge.stress.process.TwoAtOnce;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Runs one mixed load under the JVM's checks, collectors and storms; checks what the load leaves.
 */
public final class HygieneSuite extends Suite {

  private static final Duration LIMIT = Duration.ofMinutes(3);

  public HygieneSuite() {
    super("hygiene", "a mixed load under -Xcheck:jni, each collector and storms; leaks; a soak");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    Map<Invariant, Long> always =
        Map.of(
            Invariant.I6, tier.choose(20_000L, 450_000L, 15_000_000L),
            Invariant.I13, tier.choose(10_000L, 100_000L, 5_000_000L),
            Invariant.I8, tier.choose(500L, 15_000L, 400_000L));
    if (tier == Tier.T0) {
      return always;
    }
    Map<Invariant, Long> more = new EnumMap<>(always);
    more.put(Invariant.I16, tier.choose(0L, 40L, 1_000L));
    more.put(Invariant.I18, 3L);
    return more;
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(3), Duration.ofMinutes(14), Duration.ofHours(3));
  }

  /** Returns the scene of a setting or of another part, as a replay names it. */
  static String scene(String what) {
    return what.replace(' ', '_');
  }

  @Override
  public void run(Trial trial) throws Exception {
    replay(trial, "");
  }

  @Override
  public void replay(Trial trial, String scene) throws Exception {
    List<Callable<Void>> runs = new ArrayList<>();
    for (Setting setting : Setting.of(trial.tier())) {
      if (scene.isEmpty() || scene.equals(scene(setting.name()))) {
        runs.add(() -> under(trial, setting));
      }
    }
    if (scene.isEmpty() || scene.equals(scene(Setting.CHECKED))) {
      runs.add(() -> plantedCheck(trial));
    }
    boolean all = scene.isEmpty() && trial.tier() != Tier.T0;
    if (all || scene.equals(Leaks.NAME)) {
      runs.add(
          () -> {
            Leaks.run(trial);
            return null;
          });
    }
    if (all || scene.equals(Soak.NAME)) {
      for (boolean planted : new boolean[] {false, true}) {
        runs.add(
            () -> {
              Soak.run(trial, planted);
              return null;
            });
      }
    }
    TwoAtOnce.run(runs);
  }

  private Void under(Trial trial, Setting setting) throws Exception {
    if (!setting.isThere()) {
      trial.note("left out: this JVM has no " + setting.name());
      return null;
    }
    long each = trial.choose(15_000L, 60_000L, 2_000_000L);
    long calls = Math.round(each / setting.slowness());
    long start = System.nanoTime();
    try (LoadChild load = LoadChild.run(trial, setting, calls, limitOf(trial))) {
      try {
        load.answer(Load.RAN);
        load.rested();
        load.judge(Invariant.I6, "after close: ", load.answer(Load.CLOSED));
      } catch (LoadChild.DiedException e) {
        // The events that follow report the result.
      }
      load.judgeEnd(setting.isChecked() ? Invariant.I13 : Invariant.I6);
    }
    trial.ran(Invariant.I6, "calls", calls);
    if (setting.isChecked()) {
      trial.ran(Invariant.I13, "calls", calls);
    }
    trial.note(
        "%s: %,d calls, %.1f s"
            .formatted(setting.name(), calls, (System.nanoTime() - start) / 1e9));
    return null;
  }

  private static Duration limitOf(Trial trial) {
    return LIMIT.multipliedBy(trial.choose(1, 1, 20));
  }

  /** Checks that a report of -Xcheck:jni about a real mistake is noticed. */
  private static Void plantedCheck(Trial trial) throws Exception {
    List<String> options = List.of(Setting.CHECKED);
    try (LoadChild load = LoadChild.serve(trial, "planted", options, LIMIT)) {
      load.send("plant checked 1");
      load.answer(Load.PLANTED);
      load.send("close");
      load.child().end(LIMIT);
      trial.control("a call with an exception pending", !load.child().damage().isEmpty());
    }
    return null;
  }
}
