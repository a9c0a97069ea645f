package dev.loopbridge.stress.conformance;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Checks rules that other projects have written (Reactive Streams, BlockHound, Netty's leak
 * detector) and the bridge's own rules of loops.
 */
public final class ConformanceSuite extends Suite {

  /** How many rules can be tried on a publisher of one element, and of several elements. */
  private static final long RULES_OF_TCK = 12 + 26;

  private static final int CALLS = 100;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(1);

  /** The kinds whose threads BlockHound is known to watch; for other kinds a note reports it. */
  private static final Set<String> WATCHED = Set.of("netty-nio", "reactor");

  public ConformanceSuite() {
    super(
        "conformance",
        "the Reactive Streams TCK, BlockHound, Netty's leak detector, the contract of loops");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return Map.of(
        Invariant.I3,
        RULES_OF_TCK,
        Invariant.I23,
        (long) LoopRules.COUNT,
        Invariant.I4,
        tier.choose(500L, 10_000L, 50_000L),
        Invariant.I6,
        tier.choose(500L, 10_000L, 50_000L));
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(2), Duration.ofMinutes(4), Duration.ofMinutes(15));
  }

  @Override
  public List<String> jvmOptions() {
    return List.of(
        "-XX:+IgnoreUnrecognizedVMOptions", // not every JDK has the next two
        "-XX:+AllowRedefinitionToAddDeleteMethods",
        "-XX:+EnableDynamicAgentLoading",
        "-Dio.netty.leakDetection.level=paranoid");
  }

  @Override
  public void run(Trial trial) throws Exception {
    Leaks.watch();
    loopRules(trial);
    Map<String, OwnerLoop> kinds = new LinkedHashMap<>();
    for (LoopKind kind : trial.loops()) {
      kinds.put(kind.name(), kind.start().loop());
    }
    List<OwnerLoop> loops = List.copyOf(kinds.values());
    try (NativeRuntime runtime = NativeRuntime.create(NativeLibrary.load("loopbridge_builtin"))) {
      trial.watch(runtime);
      Driver driver = new Driver(runtime);
      leaks(trial, driver, loops);
      ReactiveStreams.run(trial);
      // Last: BlockHound rewrites the JDK's classes for good.
      Blocked.install();
      blocks(trial, driver, kinds);
    }
  }

  private void loopRules(Trial trial) throws Exception {
    int tasks = trial.choose(500, 10_000, 50_000);
    for (LoopKind kind : trial.loops()) {
      Map<String, String> broken = LoopRules.broken(kind.start(), tasks, PATIENCE);
      broken.forEach(
          (rule, text) ->
              trial.violated(
                  Invariant.I23, "loop " + kind.name() + " breaks " + rule + ": " + text, ""));
      trial.ran(Invariant.I23, "rules of loops", LoopRules.COUNT - broken.size());
    }
    LoopKind good = trial.loops().get(0);
    for (BrokenLoop.Fault fault : BrokenLoop.Fault.values()) {
      Map<String, String> broken =
          LoopRules.broken(BrokenLoop.of(good.start(), fault), 200, SHORT_PATIENCE);
      trial.control("a loop that breaks " + fault.rule, broken.containsKey(fault.rule));
    }
  }

  private void leaks(Trial trial, Driver driver, List<OwnerLoop> loops) throws Exception {
    SplittableRandom random = trial.random("leaks");
    int rounds = trial.choose(10, 150, 1_000);
    for (int round = 0; round < rounds && report(trial, Invariant.I3, driver); round++) {
      driver.round(loops, CALLS, false, random);
    }
    System.gc();
    // The detector looks for lost buffers when new ones are made.
    driver.round(loops, CALLS, false, random);
    String first = Leaks.first();
    if (Leaks.taken() > 0) {
      trial.violated(Invariant.I6, "a buffer leaks: " + first, "");
    } else {
      trial.ran(Invariant.I6, "calls whose buffers are watched", driver.settled());
    }
    trial.control("a result that is never released", finds(driver, loops, "Payload", random));
    trial.control("an argument that is never released", finds(driver, loops, "", random));
  }

  /** Plants a leak, and waits until it is reported. */
  private static boolean finds(
      Driver driver, List<OwnerLoop> loops, String kind, SplittableRandom random) throws Exception {
    Leaks.taken();
    plant(driver.runtime(), kind);
    return driver.await(
        () -> {
          System.gc();
          driver.round(loops, CALLS, false, random);
          return Leaks.first().contains(kind) && !Leaks.first().isEmpty();
        });
  }

  private static void plant(NativeRuntime runtime, String kind) throws Exception {
    if (kind.isEmpty()) {
      ByteBuf lost = Unpooled.directBuffer(10).writeZero(10);
      Fn.SUM_BYTES.call(runtime, lost).await();
    } else {
      Fn.MAKE_BUFFER.call(runtime, 10_000L).await();
    }
  }

  private void blocks(Trial trial, Driver driver, Map<String, OwnerLoop> kinds) throws Exception {
    List<OwnerLoop> loops = List.copyOf(kinds.values());
    boolean noticed = false;
    for (Map.Entry<String, OwnerLoop> kind : kinds.entrySet()) {
      boolean found = Blocked.isFound(kind.getValue());
      noticed |= found && WATCHED.contains(kind.getKey());
      trial.note("BlockHound watches " + kind.getKey() + ": " + (found ? "yes" : "no"));
    }
    trial.control("a blocking call on a loop", noticed);
    SplittableRandom random = trial.random("blocks");
    long before = driver.settled();
    int rounds = trial.choose(10, 150, 1_000);
    for (int round = 0; round < rounds && report(trial, Invariant.I3, driver); round++) {
      driver.round(loops, CALLS, false, random);
    }
    List<String> blocked = Blocked.taken();
    if (blocked.isEmpty()) {
      trial.ran(Invariant.I4, "calls that block no loop", driver.settled() - before);
    } else {
      trial.violated(Invariant.I4, "a loop blocks: " + blocked.get(0), "");
    }
  }

  /** Reports what is wrong; returns whether nothing is. */
  private static boolean report(Trial trial, Invariant invariant, Driver driver)
      throws InterruptedException {
    Driver.Verdict verdict = driver.verdict();
    if (verdict == null) {
      return true;
    }
    if (verdict.hangs()) {
      trial.hangs(invariant, verdict.text(), "");
    }
    trial.violated(invariant, verdict.text(), "");
    return false;
  }
}
