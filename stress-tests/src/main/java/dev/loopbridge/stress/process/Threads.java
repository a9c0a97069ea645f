package dev.loopbridge.stress.process;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/** Checks that the threads of closed runtimes are gone, for the system and for the JVM. */
final class Threads implements Part {

  /** The options of a JVM that starts no threads of its own accord. */
  private static final List<String> STEADY =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:-UseDynamicNumberOfCompilerThreads",
          "-Dio.netty.globalEventExecutor.quietPeriodSeconds=1");

  @Override
  public String name() {
    return "threads";
  }

  @Override
  public void run(Trial trial, String only) throws Exception {
    int cycles = trial.choose(20, 500, 20_000);
    Duration limit =
        trial.choose(Duration.ofMinutes(1), Duration.ofMinutes(3), Duration.ofHours(1));
    List<Callable<Void>> runs = new ArrayList<>();
    runs.add(
        () -> {
          count(trial, ThreadMain.CYCLES, cycles, limit);
          trial.ran(Invariant.I16, "runtimes opened and closed", cycles);
          return null;
        });
    runs.add(
        () -> {
          try (Child child = start(trial, ThreadMain.PLANT, 1)) {
            Optional<String> answer = child.answer(ThreadMain.COUNTED, limit);
            trial.control(
                "threads that end attached",
                answer.filter(text -> text.startsWith("false")).isPresent());
          }
          return null;
        });
    if (trial.tier() != Tier.T0) {
      runs.add(
          () -> {
            count(trial, ThreadMain.IDLE, 1, limit);
            trial.ran(Invariant.I16, "runtimes left idle", 1);
            return null;
          });
    }
    TwoAtOnce.run(runs);
  }

  private static Child start(Trial trial, String what, int count) throws Exception {
    return Child.start(
        trial.directory(), ChildJvm.command(STEADY, ThreadMain.class, what, String.valueOf(count)));
  }

  private void count(Trial trial, String what, int count, Duration limit) throws Exception {
    try (Child child = start(trial, what, count)) {
      Optional<String> answer = child.answer(ThreadMain.COUNTED, limit);
      if (answer.isEmpty() && child.end(Duration.ZERO).isEmpty()) {
        trial.hangs(Invariant.I16, "a JVM that opens and closes runtimes", name());
      }
      child.end(limit);
      if (!answer.orElse("").startsWith("true")) {
        trial.violated(Invariant.I16, what + ": " + answer.orElseGet(() -> "died"), name());
      }
      if (!child.damage().isEmpty() || child.code() != 0) {
        trial.violated(Invariant.I16, what + ": " + child.tail(), name());
      }
    }
  }
}
