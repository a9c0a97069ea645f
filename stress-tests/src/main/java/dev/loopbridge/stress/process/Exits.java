package dev.loopbridge.stress.process;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;

/**
 * Checks that a JVM with work in flight ends in each way there is: soon, as asked, and unharmed.
 */
final class Exits implements Part {

  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration HANGS = Duration.ofSeconds(10);
  private static final Duration STUCK = Duration.ofSeconds(3);
  private static final double MOST_SECONDS = 1.0;

  /** A JVM without the bridge takes longer for its exit only on a busy machine. */
  private static final double BARE_SECONDS_AT_REST = 0.45;

  /**
   * On a busy machine an exit may take this many times what a JVM without the bridge takes then.
   */
  private static final double TIMES_BARE = 5;

  private static final double MOST_SECONDS_EVER = 5;
  private static final double NANOS_PER_SECOND = 1e9;

  private static final List<ExitScene> FEW =
      List.of(
          ExitScene.RETURN,
          ExitScene.EXIT,
          ExitScene.UNCAUGHT,
          ExitScene.TERM,
          ExitScene.IN_CALLBACK,
          ExitScene.SUBMITTING,
          ExitScene.PANICKING,
          ExitScene.RUST_BUSY);

  private final Map<ExitScene, List<Double>> seconds = new EnumMap<>(ExitScene.class);
  private final List<Double> bareSeconds = Collections.synchronizedList(new ArrayList<>());

  @Override
  public String name() {
    return "exits";
  }

  @Override
  public void run(Trial trial, String only) throws Exception {
    List<ExitScene> scenes =
        !only.isEmpty()
            ? List.of(ExitScene.valueOf(only))
            : trial.tier() == Tier.T0 ? FEW : List.of(ExitScene.values());
    if (scenes.stream().anyMatch(ExitScene::isIgnored)) {
      // A shell starts a command so in the background, and a JVM does not end what it inherits.
      trial.incomplete("this process ignores a signal by which a JVM is to end: run it in front");
      scenes = scenes.stream().filter(scene -> !scene.isIgnored()).toList();
    }
    int rounds = trial.choose(1, 9, 600);
    for (ExitScene scene : scenes) {
      seconds.put(scene, Collections.synchronizedList(new ArrayList<>()));
    }
    List<Callable<Void>> runs = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      boolean checked = trial.tier() == Tier.T2 ? round % 2 == 1 : round % 4 == 3;
      runs.add(() -> bare(trial));
      for (ExitScene scene : scenes) {
        runs.add(() -> exit(trial, scene, checked));
      }
    }
    runs.add(() -> stuck(trial));
    Collections.shuffle(runs, new Random(trial.seed()));
    TwoAtOnce.run(runs);
    judgeTimes(trial);
  }

  private Void exit(Trial trial, ExitScene scene, boolean checked) throws Exception {
    List<String> options = checked ? List.of("-Xcheck:jni") : List.of();
    String what = scene + (checked ? " under -Xcheck:jni" : "");
    String name = name() + "/" + scene;
    try (Child child =
        Child.start(trial.directory(), ChildJvm.command(options, ExitMain.class, scene.name()))) {
      Optional<String> signals = child.answer(ExitMain.SIGNALS, START);
      Optional<String> leaving = child.answer(ExitMain.LEAVING, START);
      if (leaving.isEmpty()) {
        if (child.end(Duration.ZERO).isEmpty()) {
          trial.hangs(Invariant.I15, "the work before " + what + " is not in flight", name);
        }
        trial.violated(
            Invariant.I15,
            "died with " + child.code() + " before " + what + ":\n" + child.tail(),
            name);
        return null;
      }
      long start = Long.parseLong(leaving.get());
      if (scene.bySignal()) {
        start = System.nanoTime();
        child.signal(scene.name());
      }
      OptionalLong end = child.end(HANGS);
      if (end.isEmpty()) {
        trial.hangs(
            Invariant.I15, "a JVM has not ended after " + HANGS.toSeconds() + " s: " + what, name);
      }
      seconds.get(scene).add((end.getAsLong() - start) / NANOS_PER_SECOND);
      if (child.code() != scene.code) {
        trial.violated(
            Invariant.I15,
            "%s: exit code %d, expected %d\n%s"
                .formatted(what, child.code(), scene.code, child.tail()),
            name);
      }
      List<String> damage = child.damage();
      if (!damage.isEmpty()) {
        trial.violated(
            checked ? Invariant.I13 : Invariant.I15, what + ": " + String.join("\n", damage), name);
      }
      String changed = signals.orElse("not reported");
      if (!changed.isEmpty()) {
        trial.violated(Invariant.I22, "before " + what + ": " + changed, name);
      }
      trial.ran(Invariant.I15, "exits", 1);
      trial.ran(Invariant.I22, "exits", 1);
      if (checked) {
        trial.ran(Invariant.I13, "exits", 1);
      }
      if (scene == ExitScene.PANICKING) {
        trial.ran(Invariant.I14, "exits while calls panic", 1);
      }
    }
    return null;
  }

  /** Measures a JVM without the bridge, which shows how busy the machine is. */
  private Void bare(Trial trial) throws Exception {
    try (Child child =
        Child.start(
            trial.directory(), ChildJvm.command(List.of(), ExitMain.class, ExitMain.BARE))) {
      String leaving = child.answer(ExitMain.LEAVING, START).orElseThrow();
      long end = child.end(START).orElseThrow();
      bareSeconds.add((end - Long.parseLong(leaving)) / NANOS_PER_SECOND);
    }
    return null;
  }

  /** The control: a JVM that a thread keeps from ending is noticed. */
  private Void stuck(Trial trial) throws Exception {
    try (Child child =
        Child.start(
            trial.directory(), ChildJvm.command(List.of(), ExitMain.class, ExitMain.STUCK))) {
      child.answer(ExitMain.LEAVING, START).orElseThrow();
      trial.control("a JVM that does not end", child.end(STUCK).isEmpty());
    }
    return null;
  }

  /** Returns whether a scene takes too long also when it runs alone, twice more. */
  private boolean isSlow(Trial trial, ExitScene scene, double most) throws Exception {
    List<Double> times = seconds.get(scene);
    for (int again = 0; again < 2; again++) {
      int before = times.size();
      exit(trial, scene, false);
      if (times.size() > before && times.get(before) <= most) {
        trial.note(
            "%s took %.2f s once, on a machine that stood still"
                .formatted(scene, Collections.max(times)));
        return false;
      }
    }
    return true;
  }

  private void judgeTimes(Trial trial) throws Exception {
    double bare = Collections.max(bareSeconds);
    double most =
        bare <= BARE_SECONDS_AT_REST
            ? MOST_SECONDS
            : Math.min(TIMES_BARE * bare, MOST_SECONDS_EVER);
    List<Double> all = new ArrayList<>();
    for (ExitScene scene : seconds.keySet()) {
      List<Double> times = seconds.get(scene);
      if (times.isEmpty()) {
        continue;
      }
      if (Collections.max(times) > most && isSlow(trial, scene, most)) {
        trial.violated(
            Invariant.I15,
            "%s took %.2f s, at most %.2f s are allowed while a bare JVM takes %.2f s; all: %s"
                .formatted(scene, Collections.max(times), most, bare, times),
            name() + "/" + scene);
      }
      all.addAll(times);
    }
    trial.note(
        "exits: %d, p50 %.3f s, p100 %.3f s; a bare JVM at most %.3f s%s"
            .formatted(all.size(), percentile(all, 0.5), percentile(all, 1), bare, slowest()));
  }

  private String slowest() {
    StringBuilder text = new StringBuilder("; p100 of each:");
    seconds.forEach(
        (scene, times) -> text.append(" %s %.2f".formatted(scene, percentile(times, 1))));
    return text.toString();
  }

  private static double percentile(List<Double> values, double part) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted.length == 0 ? Double.NaN : sorted[(int) Math.round(part * (sorted.length - 1))];
  }
}
