package dev.loopbridge.stress.storm;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes wakes of every kind at once: on all cores, on one, beside a process that uses all cores,
 * and with the whole process stopped now and then. The counts are compared when all has come to
 * rest.
 *
 * <p>Scenes for {@code replay}: the name of a part, or {@code PART/LOOP}.
 */
public final class StormSuite extends Suite {

  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration SHORT = Duration.ofSeconds(1);
  private static final int WINDOWS = 4;
  private static final int REFUSES = 50;

  private enum Part {
    CONTROLS,
    PLAIN,
    RELUCTANT,
    STOPPED,
    NEIGHBOUR,
    ONE_CORE,
    FROZEN
  }

  public StormSuite() {
    super(
        "storm",
        "wakes of every kind at once, on all cores and on one, crowded, frozen; counted at rest");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return Map.of(
        Invariant.I1, tier.choose(50_000L, 1_000_000L, 10_000_000L),
        Invariant.I2, tier.choose(500L, 10_000L, 100_000L),
        Invariant.I4, tier.choose(100_000L, 1_000_000L, 10_000_000L),
        Invariant.I18, tier.choose(5_000L, 200_000L, 2_000_000L),
        Invariant.I23, tier.choose(5_000L, 200_000L, 2_000_000L));
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(3), Duration.ofMinutes(13), Duration.ofHours(1));
  }

  @Override
  public void run(Trial trial) throws Exception {
    for (Part part : Part.values()) {
      part(trial, part, "");
    }
  }

  @Override
  public void replay(Trial trial, String scene) throws Exception {
    String[] names = scene.split("/");
    for (Part part : Part.values()) {
      if (scene.isEmpty() || part.name().equalsIgnoreCase(names[0])) {
        part(trial, part, names.length > 1 ? names[1] : "");
      }
    }
  }

  private void part(Trial trial, Part part, String only) throws Exception {
    if (part == Part.CONTROLS) {
      controls(trial);
      return;
    }
    List<LoopKind> kinds = trial.loops();
    // Each loop kind has a plain storm; a short run tries the other parts on one kind.
    boolean all = part == Part.PLAIN || trial.tier() != Tier.T0;
    for (LoopKind kind : all ? kinds : kinds.subList(0, Math.min(1, kinds.size()))) {
      if (only.isEmpty() || kind.name().equals(only)) {
        rage(trial, part, kind);
      }
    }
  }

  private static void rage(Trial trial, Part part, LoopKind kind) throws Exception {
    String scene = part.name().toLowerCase(Locale.ROOT) + "/" + kind.name();
    Findings findings = Findings.by(trial, scene);
    long seed = trial.random(scene).nextLong();
    long millis =
        trial
                .time(
                    trial.choose(
                        Duration.ofSeconds(8), Duration.ofSeconds(150), Duration.ofMinutes(14)))
                .toMillis()
            / (trial.tier() == Tier.T0 ? 10 : 5L * trial.loops().size());
    Duration time = Duration.ofMillis(millis);
    switch (part) {
      case PLAIN -> plain(trial, kind, seed, time, findings);
      case RELUCTANT -> reluctant(trial, kind, seed, time, findings);
      case STOPPED -> stopped(trial, kind, findings);
      case NEIGHBOUR -> beside(trial, kind, seed, time, findings);
      case ONE_CORE -> StormChild.onOneCore(trial, kind, time, seed, scene);
      case FROZEN -> {
        long stops = StormChild.frozen(trial, kind, time, seed, scene);
        trial.note("a storm on %s was stopped %,d times".formatted(kind.name(), stops));
      }
      case CONTROLS -> throw new IllegalArgumentException("the controls have no scene");
    }
  }

  private static void plain(Trial trial, LoopKind kind, long seed, Duration time, Findings findings)
      throws Exception {
    for (boolean lingers : new boolean[] {true, false}) {
      try (Storm storm = new Storm(kind, seed, 0, 0, lingers, PATIENCE, findings)) {
        trial.watch(storm.runtime());
        if (storm.run(time.dividedBy(2)) && lingers) {
          rest(trial, kind, storm, findings);
        }
        trial.unwatch(storm.runtime());
      }
    }
  }

  /** Runs a storm on a loop that refuses some tasks. */
  private static void reluctant(
      Trial trial, LoopKind kind, long seed, Duration time, Findings findings) throws Exception {
    try (Storm storm = new Storm(kind, seed, REFUSES, 0, false, PATIENCE, findings)) {
      trial.watch(storm.runtime());
      storm.run(time);
      trial.unwatch(storm.runtime());
    }
  }

  /** Checks that the bridge is idle after a storm. */
  private static void rest(Trial trial, LoopKind kind, Storm storm, Findings findings)
      throws Exception {
    Duration window =
        trial.choose(Duration.ofMillis(400), Duration.ofSeconds(2), Duration.ofSeconds(5));
    long least = Long.MAX_VALUE;
    // At first the compiler and the collector still have work, which disturbs the measurement.
    for (int i = 0; i < WINDOWS && least > window.toNanos() / 100; i++) {
      least = Math.min(least, Rest.used("storm", storm.loop(), window));
    }
    if (least < 0) {
      trial.note("this system does not report what threads use");
    } else if (least > window.toNanos() / 100) {
      findings.violated(
          Invariant.I18,
          "at rest %s uses %,d of %,d us"
              .formatted(kind.name(), least / 1_000, window.toNanos() / 1_000));
    } else {
      findings.ran(Invariant.I18, "windows at rest on " + kind.name(), 1);
    }
  }

  private static void stopped(Trial trial, LoopKind kind, Findings findings) throws Exception {
    LoopKind.Started look = kind.start();
    boolean drives = look.loop().hasOneThread();
    look.end();
    if (drives) {
      StoppedLoop.run(kind, trial.choose(200_000L, 1_000_000L, 10_000_000L), PATIENCE, findings);
    }
  }

  private static void beside(
      Trial trial, LoopKind kind, long seed, Duration time, Findings findings) throws Exception {
    Neighbour neighbour = new Neighbour();
    try (Storm storm = new Storm(kind, seed, 0, 0, true, PATIENCE, findings)) {
      trial.watch(storm.runtime());
      storm.run(time);
      trial.unwatch(storm.runtime());
    } finally {
      neighbour.leave();
    }
  }

  /** Keeps all cores busy. */
  private static final class Neighbour {

    private volatile boolean gone;

    Neighbour() {
      for (int i = Runtime.getRuntime().availableProcessors(); i > 0; i--) {
        Thread busy =
            new Thread(
                () -> {
                  while (!gone) {
                    Thread.onSpinWait();
                  }
                },
                "neighbour");
        busy.setDaemon(true);
        busy.start();
      }
    }

    void leave() {
      gone = true;
    }
  }

  // Controls.

  private static void controls(Trial trial) throws Exception {
    LoopKind kind = trial.loops().get(0);
    Noticed noticed = new Noticed();
    try (Storm storm = new Storm(kind, trial.seed(), 0, 20, false, SHORT, noticed)) {
      storm.run(Duration.ofSeconds(3)); // ends as soon as nothing moves
    }
    trial.control("a loop that forgets one task in 20", noticed.count > 0);
    Noticed clean = new Noticed();
    try (Storm storm = new Storm(kind, trial.seed(), 0, 0, false, PATIENCE, clean)) {
      storm.run(Duration.ofMillis(200));
      trial.control("a storm that lost nothing is accepted", clean.count == 0);
      Books books = storm.books();
      var metrics = storm.runtime().metrics();
      long drains = storm.loop().drains();
      Books more =
          new Books(
              books.tokioCalls() + 1,
              books.localCalls(),
              books.invocations(),
              books.ringAnswers(),
              books.handlers(),
              books.selfWakes(),
              books.localWakes());
      trial.control("a call that was lost on the way", !more.check(metrics, drains, 1).isEmpty());
      trial.control(
          "a wake that made no drain", !books.check(metrics, metrics.wakes() - 1, 1).isEmpty());
      trial.control("two drains queued at a time", !books.check(metrics, drains, 2).isEmpty());
    }
  }

  private static final class Noticed implements Findings {

    private int count;

    @Override
    public void ran(Invariant invariant, String what, long tried) {}

    @Override
    public void violated(Invariant invariant, String text) {
      count++;
    }

    @Override
    public void hangs(Invariant invariant, String text) {
      count++;
    }

    @Override
    public void note(String text) {}
  }
}
