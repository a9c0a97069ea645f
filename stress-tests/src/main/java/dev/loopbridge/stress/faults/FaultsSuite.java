package dev.loopbridge.stress.faults;

import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.ThreadLoop;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes faults happen, natively and in Java, and checks the outcomes of the calls under way. */
public final class FaultsSuite extends Suite {

  private static final String ELSEWHERE =
      "F14 by the tests of the crate loopbridge, whose wakers panic; F19, F20 by suite storm; F21"
          + " nothing looks at a clock that can jump; F23 by suite process";

  public FaultsSuite() {
    super(
        "faults",
        "failing references, threads, upcalls, polls and loops: each call still settles once");
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return tier.choose(
        Map.of(Invariant.I3, 2_000L, Invariant.I12, 100L),
        Map.of(Invariant.I3, 100_000L, Invariant.I12, 10_000L),
        Map.of(Invariant.I3, 1_000_000L, Invariant.I12, 100_000L));
  }

  @Override
  public Duration limit(Tier tier) {
    // The limit includes the build of the library.
    return tier.choose(Duration.ofMinutes(6), Duration.ofMinutes(15), Duration.ofMinutes(90));
  }

  @Override
  public List<String> jvmOptions() {
    return List.of("-Xcheck:jni");
  }

  @Override
  public void run(Trial trial) throws Exception {
    run(trial, "");
  }

  @Override
  public void replay(Trial trial, String scene) throws Exception {
    run(trial, scene);
  }

  private void run(Trial trial, String only) throws Exception {
    Path file = FaultyLibrary.build(trial.checkout());
    FaultyLibrary library = new FaultyLibrary(file, new ThreadLoop("faults-control"));
    if (only.isEmpty()) {
      Controls.run(trial, library, file);
      if (FaultyLibrary.isShippedFaulty()) {
        trial.violated(Invariant.I12, "the shipped library has fault points", "");
      }
    }
    List<OwnerLoop> loops = new ArrayList<>();
    for (LoopKind kind : trial.loops()) {
      loops.add(kind.start().loop());
    }
    Scenes scenes = new Scenes(trial, library, loops, only);
    scenes.natively();
    scenes.inJava();
    new ChildFaults(trial, file, only).run();
    List<String> reports = JniReports.in(trial.directory().resolveSibling(name() + ".log"));
    if (reports.isEmpty()) {
      trial.ran(Invariant.I13, "runs with nothing reported", 1);
    } else {
      trial.violated(Invariant.I13, String.join("\n", reports), "");
    }
    trial.note(ELSEWHERE);
  }
}
