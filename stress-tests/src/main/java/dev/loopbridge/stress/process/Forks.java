package dev.loopbridge.stress.process;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Checks that a JVM with work in flight can start processes in each way its system has. */
final class Forks implements Part {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "forks";
  }

  @Override
  public void run(Trial trial, String only) throws Exception {
    int each = trial.choose(10, 50, 1_000);
    List<String> ways = only.isEmpty() ? List.of("FORK", "VFORK", "POSIX_SPAWN") : List.of(only);
    for (String way : ways) {
      String scene = name() + "/" + way;
      List<String> options = List.of("-Djdk.lang.Process.launchMechanism=" + way);
      try (Child child =
          Child.start(
              trial.directory(), ChildJvm.command(options, ForkMain.class, String.valueOf(each)))) {
        Optional<String> forked = child.answer(ForkMain.FORKED, LIMIT);
        if (forked.isEmpty() && child.end(Duration.ZERO).isEmpty()) {
          trial.hangs(Invariant.I21, "a JVM that starts processes by " + way, scene);
        }
        boolean ended = child.end(LIMIT).isPresent();
        if (forked.isEmpty() || !ended || child.code() != 0 || !child.damage().isEmpty()) {
          trial.violated(
              Invariant.I21, "processes started by " + way + ":\n" + child.tail(), scene);
        }
        trial.ran(Invariant.I21, "processes forked off", each);
      }
    }
    trial.note("not covered: fork without exec, and checkpoints, which need native help");
  }
}
