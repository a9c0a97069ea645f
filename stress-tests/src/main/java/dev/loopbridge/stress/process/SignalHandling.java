package dev.loopbridge.stress.process;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.List;

/** Checks that the library leaves the JVM's signal handling as it was, and that it still works. */
final class SignalHandling implements Part {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "signals";
  }

  @Override
  public void run(Trial trial, String only) throws Exception {
    int rounds = trial.choose(1, 2, 50);
    List<String> kinds =
        trial.choose(
            List.of(""), List.of("", "-Xrs", "-Xcheck:jni"), List.of("", "-Xrs", "-Xcheck:jni"));
    for (int round = 0; round < rounds; round++) {
      for (String kind : kinds) {
        look(trial, kind);
      }
    }
    try (Child child = start(trial, "", SignalMain.PLANT)) {
      child.end(LIMIT);
      trial.control(
          "a signal handler of another's",
          child.output().stream().anyMatch(line -> line.contains("SIGUSR2: ")));
    }
  }

  private static Child start(Trial trial, String option, String... arguments) throws Exception {
    List<String> options = option.isEmpty() ? List.of() : List.of(option);
    return Child.start(trial.directory(), ChildJvm.command(options, SignalMain.class, arguments));
  }

  private void look(Trial trial, String option) throws Exception {
    try (Child child = start(trial, option)) {
      if (child.end(LIMIT).isEmpty()) {
        trial.hangs(Invariant.I22, "a JVM that looks at its signals", name());
      }
      int stages = 0;
      for (String line : child.output()) {
        if (line.startsWith(SignalMain.STAGE)) {
          stages++;
          if (!line.endsWith(": ")) {
            trial.violated(Invariant.I22, option + " " + line, name());
          }
        }
      }
      if (child.code() != 0 || !child.output().contains(SignalMain.THROUGH)) {
        trial.violated(Invariant.I22, "a JVM died of a signal: " + child.tail(), name());
      }
      if (!child.damage().isEmpty()) {
        trial.violated(Invariant.I22, option + " " + child.damage(), name());
      }
      trial.ran(Invariant.I22, "looks at all handlers", stages);
    }
  }
}
