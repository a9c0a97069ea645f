package dev.loopbridge.stress.history;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.ThreadLoop;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Hooks;

/**
 * Runs random programs over calls of every kind, whose recorded history a reference model checks;
 * the life of a call systematically; and tests that need numbers: very many calls, long chains,
 * generations that wrap, overload, and order.
 *
 * <p>Scenes for {@code replay}: the name of a part, also {@code PART/LOOP}, and {@code
 * programs/LOOP/NUMBER} or {@code matrix/LOOP/CELL}.
 */
public final class HistorySuite extends Suite {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration SHRINKING = Duration.ofSeconds(10);
  private static final int ENOUGH_FINDINGS = 3;
  private static final int REPEATED = 50;
  private static final long SMALL_STACK_BYTES = 512 << 10;

  private int findings;

  public HistorySuite() {
    super(
        "history",
        "random programs of calls against a model of their outcomes; chains, order, limits");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    // One loop kind reaches these counts.
    return Map.of(
        Invariant.I3, tier.choose(50_000L, 1_000_000L, 5_000_000L),
        Invariant.I5, tier.choose(1_000L, 20_000L, 100_000L),
        Invariant.I6, tier.choose(90L, 1_500L, 10_000L),
        Invariant.I7, tier.choose(50_000L, 700_000L, 4_000_000L),
        Invariant.I20, tier.choose(1L, 5L, 50L),
        Invariant.I23, tier.choose(40_000L, 900_000L, 4_500_000L),
        Invariant.I24, tier.choose(900L, 30_000L, 300_000L),
        Invariant.I27, tier.choose(20_000L, 400_000L, 4_000_000L));
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(3), Duration.ofMinutes(15), Duration.ofHours(1));
  }

  @Override
  public void run(Trial trial) throws Exception {
    setHooks();
    for (Part part : Part.values()) {
      if (part == Part.CONTROLS) {
        new Controls(trial).run();
        continue;
      } else if (part == Part.CHAINS) {
        chains(trial);
      }
      for (LoopKind kind : trial.loops()) {
        part(trial, part, kind);
      }
    }
  }

  @Override
  public void replay(Trial trial, String scene) throws Exception {
    setHooks();
    String[] names = scene.split("/");
    for (Part part : Part.values()) {
      if (scene.isEmpty() || part.name().equalsIgnoreCase(names[0])) {
        if (part == Part.CONTROLS) {
          new Controls(trial).run();
          continue;
        } else if (part == Part.CHAINS && (names.length < 2 || names[1].startsWith("small"))) {
          chains(trial);
        }
        for (LoopKind kind : trial.loops()) {
          if (names.length < 2 || kind.name().equals(names[1])) {
            if (names.length > 2) {
              one(trial, part, kind, Integer.parseInt(names[2]));
            } else {
              part(trial, part, kind);
            }
          }
        }
      }
    }
  }

  /** Silences the errors and values that Monos drop when they are cancelled. */
  private static void setHooks() {
    Hooks.onErrorDropped(error -> {});
    Hooks.onNextDropped(ReferenceCountUtil::release);
  }

  private enum Part {
    CONTROLS,
    MATRIX,
    PROGRAMS,
    ORDER,
    BULK,
    CHAINS,
    WRAPS,
    OVERLOAD
  }

  private void part(Trial trial, Part part, LoopKind kind) throws Exception {
    String scene = part.name().toLowerCase(java.util.Locale.ROOT) + "/" + kind.name();
    try {
      switch (part) {
        case MATRIX -> matrix(trial, kind);
        case PROGRAMS -> programs(trial, kind);
        case ORDER -> order(trial, kind, scene);
        case BULK -> bulk(trial, kind, scene);
        case CHAINS -> chains(trial, kind, scene);
        case WRAPS -> wraps(trial, kind, scene);
        case OVERLOAD -> overload(trial, kind, scene);
        case CONTROLS -> throw new IllegalArgumentException("controls have loops of their own");
      }
    } catch (TimeoutException e) {
      trial.hangs(Invariant.I23, "a loop does not run its tasks", scene);
    }
  }

  // Programs.

  private Program program(Trial trial, Part part, Scene scene, int number) throws Exception {
    if (part == Part.MATRIX) {
      return new Matrix(scene.adapters()).cell(number);
    }
    String name = "programs/" + scene.kind().name() + "/" + number;
    long seed = trial.random(name).nextLong();
    return Program.random(name, seed, scene.loop().hasOneThread(), scene.adapters());
  }

  private void one(Trial trial, Part part, LoopKind kind, int number) throws Exception {
    try (Scene scene = new Scene(kind, trial)) {
      for (int i = 0; i < REPEATED; i++) {
        if (!run(trial, scene, program(trial, part, scene, number), new Tally())) {
          return;
        }
      }
    }
  }

  private void programs(Trial trial, LoopKind kind) throws Exception {
    Duration time =
        trial
            .time(
                trial.choose(
                    Duration.ofMillis(2_500), Duration.ofSeconds(70), Duration.ofMinutes(8)))
            .dividedBy(trial.loops().size());
    Tally tally = new Tally();
    try (Scene scene = new Scene(kind, trial)) {
      long end = System.nanoTime() + time.toNanos();
      for (int number = 0; System.nanoTime() - end < 0; number++) {
        run(trial, scene, program(trial, Part.PROGRAMS, scene, number), tally);
        if (findings >= ENOUGH_FINDINGS) {
          return;
        }
      }
    }
    tally.report(trial, "random programs on " + kind.name());
  }

  private void matrix(Trial trial, LoopKind kind) throws Exception {
    int stride = trial.choose(97, 7, 1);
    Tally tally = new Tally();
    try (Scene scene = new Scene(kind, trial)) {
      int size = new Matrix(scene.adapters()).size();
      int cell = trial.random("matrix/" + kind.name()).nextInt(stride);
      for (; cell < size; cell += stride) {
        run(trial, scene, program(trial, Part.MATRIX, scene, cell), tally);
        if (findings >= ENOUGH_FINDINGS) {
          return;
        }
      }
    }
    tally.report(trial, "lives of one call on " + kind.name());
  }

  /** Counts the events that were checked and right. */
  private static final class Tally {
    private long programs;
    private long settled;
    private long cancelled;
    private long callbacks;

    void add(ProgramRun run) {
      programs++;
      for (Event event : run.history().events()) {
        switch (event.what()) {
          case SETTLED, FOUND -> settled++;
          case CANCEL_ENDED -> cancelled++;
          default -> {}
        }
        if (event.what() == Event.What.SETTLED || event.what() == Event.What.HANDLER_RAN) {
          callbacks++;
        }
      }
    }

    void report(Trial trial, String what) {
      trial.ran(Invariant.I3, "calls settled in " + what, settled);
      trial.ran(Invariant.I5, "cancels in " + what, cancelled);
      trial.ran(Invariant.I6, what + " that left nothing", programs);
      trial.ran(Invariant.I23, "callbacks and handlers in " + what, callbacks);
    }
  }

  /** Runs a program; returns whether nothing is wrong. */
  private boolean run(Trial trial, Scene scene, Program program, Tally tally) throws Exception {
    ProgramRun run = new ProgramRun(scene, program, PATIENCE);
    List<Finding> found = run.run();
    if (found.isEmpty()) {
      tally.add(run);
      return true;
    }
    findings++;
    Finding first = found.get(0);
    String name = program.name();
    if (name.startsWith("matrix/")) {
      name = "matrix/" + scene.kind().name() + name.substring("matrix".length());
    }
    String text = first.text() + "\n" + describe(program, run);
    if (!first.hangs()) {
      trial.violated(first.invariant(), text, name);
    }
    Program smallest = new Shrinking(scene, SHRINKING).shrink(program);
    trial.note("the smallest that still fails is " + smallest);
    if (first.hangs()) {
      trial.hangs(first.invariant(), text, name);
    }
    return false;
  }

  private static String describe(Program program, ProgramRun run) {
    StringBuilder text = new StringBuilder(program.toString());
    run.history().events().forEach(event -> text.append("\n    ").append(event));
    return text.toString();
  }

  // The tests that need numbers.

  /** Runs an action with a loop and a runtime of its own. */
  private interface Numbers {
    Finding run(NativeRuntime runtime, OwnerLoop loop) throws Exception;
  }

  private void with(
      Trial trial, LoopKind kind, NativeRuntime.Builder builder, String scene, Numbers numbers)
      throws Exception {
    LoopKind.Started started = kind.start();
    NativeRuntime runtime = trial.watch(builder.threadName("history").build());
    Finding finding = numbers.run(runtime, started.loop());
    if (finding != null && finding.hangs()) {
      trial.hangs(finding.invariant(), finding.text(), scene);
    } else if (finding != null) {
      trial.violated(finding.invariant(), finding.text(), scene);
    }
    trial.unwatch(runtime);
    runtime.close();
    started.end();
  }

  private static NativeRuntime.Builder runtime() {
    return NativeRuntime.builder(Scene.library()).workerThreads(2);
  }

  private void order(Trial trial, LoopKind kind, String scene) throws Exception {
    int rounds = trial.choose(30, 1_000, 10_000);
    SplittableRandom random = trial.random(scene);
    try (NativeRuntime control = runtime().threadName("signals").build()) {
      with(
          trial,
          kind,
          runtime().workerThreads(1),
          scene,
          (runtime, loop) -> {
            Orders orders = new Orders(runtime, control, loop, PATIENCE);
            for (int round = 0; round < rounds; round++) {
              Finding finding = orders.round(random);
              if (finding != null) {
                return finding;
              }
            }
            trial.ran(
                Invariant.I24,
                "results in order on " + kind.name(),
                (long) rounds * orders.count());
            return null;
          });
    }
  }

  private void bulk(Trial trial, LoopKind kind, String scene) throws Exception {
    long calls = trial.choose(50_000L, 1_000_000L, 5_000_000L);
    with(
        trial,
        kind,
        runtime(),
        scene,
        (runtime, loop) -> {
          Bulk bulk = new Bulk(runtime, loop, calls, Bulk.WINDOW, trial.random(scene));
          Finding finding = bulk.run(PATIENCE);
          if (finding == null) {
            trial.ran(Invariant.I3, "cheap calls settled on " + kind.name(), calls);
            trial.ran(Invariant.I5, "cheap calls cancelled on " + kind.name(), bulk.cancelled());
            trial.ran(Invariant.I23, "cheap callbacks on " + kind.name(), calls - bulk.cancelled());
          }
          return finding;
        });
  }

  private void chains(Trial trial, LoopKind kind, String scene) throws Exception {
    int links = trial.choose(1_000, 20_000, 100_000);
    int nested = trial.choose(500, 20_000, 100_000);
    with(
        trial,
        kind,
        deep(nested),
        scene,
        (runtime, loop) -> chain(trial, runtime, loop, links, nested));
  }

  /** Runs the chains on a loop whose thread has a small stack. */
  private void chains(Trial trial) throws Exception {
    int links = trial.choose(10_000, 100_000, 1_000_000);
    int nested = trial.choose(5_000, 100_000, 200_000);
    SmallStack kind = new SmallStack();
    with(
        trial,
        kind,
        deep(nested),
        "chains/" + kind.name(),
        (runtime, loop) -> chain(trial, runtime, loop, links, nested));
  }

  private static final class SmallStack implements LoopKind {

    @Override
    public String name() {
      return "small-stack";
    }

    @Override
    public Started start() {
      ThreadLoop loop = new ThreadLoop(name(), SMALL_STACK_BYTES);
      return Started.of(loop, loop::end);
    }
  }

  private static Finding chain(
      Trial trial, NativeRuntime runtime, OwnerLoop loop, int links, int nested) {
    Chains chains = new Chains(runtime, loop, links, nested, PATIENCE);
    Finding finding = chains.run();
    if (finding == null) {
      trial.ran(Invariant.I7, "links of chains on " + loop, chains.links());
    }
    return finding;
  }

  /** Configures a runtime for chains: a call that asks takes a place, and its handler two. */
  private static NativeRuntime.Builder deep(int nested) {
    return runtime().maxInFlight(4 * nested + 1_000);
  }

  private void wraps(Trial trial, LoopKind kind, String scene) throws Exception {
    int rounds = trial.choose(1, 5, 50);
    SplittableRandom random = trial.random(scene);
    for (int round = 0; round < rounds; round++) {
      with(
          trial,
          kind,
          runtime(),
          scene,
          (runtime, loop) -> Wraps.run(runtime, loop, random, PATIENCE));
    }
    trial.ran(Invariant.I20, "wraps of a port's generations on " + kind.name(), rounds);
  }

  private void overload(Trial trial, LoopKind kind, String scene) throws Exception {
    long tries = trial.choose(20_000L, 400_000L, 4_000_000L);
    with(
        trial,
        kind,
        runtime().maxInFlight(Overload.LIMIT),
        scene,
        (runtime, loop) -> {
          Finding finding = Overload.run(runtime, loop, tries, PATIENCE);
          if (finding == null) {
            trial.ran(Invariant.I27, "calls refused on " + kind.name(), tries);
          }
          return finding;
        });
  }
}
