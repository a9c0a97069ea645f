package dev.loopbridge.stress.process;

import dev.loopbridge.kit.Child;
import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Checks that a class loader that has used the bridge is collected, and that the next one can load
 * the bridge again; the library's code stays mapped.
 */
final class Reloads implements Part {

  @Override
  public String name() {
    return "reloads";
  }

  @Override
  public void run(Trial trial, String only) throws Exception {
    int cycles = trial.choose(2, 20, 500);
    Duration limit =
        trial.choose(Duration.ofMinutes(1), Duration.ofMinutes(3), Duration.ofHours(1));
    Path alone = trial.directory().resolve("alone");
    LoneMain.copy(ReloadMain.class, alone);
    List<Callable<Void>> runs = new ArrayList<>();
    runs.add(
        () -> {
          cycles(trial, alone, cycles, limit);
          return null;
        });
    runs.add(
        () -> {
          try (Child child = start(trial, alone, ReloadMain.PLANT, 2, 3)) {
            Optional<String> gone = child.answer(ReloadMain.GONE, limit);
            trial.control(
                "a class loader that is kept",
                gone.filter(text -> text.startsWith("1 ")).isPresent());
          }
          return null;
        });
    TwoAtOnce.run(runs);
  }

  private static Child start(Trial trial, Path alone, String what, int cycles, int patience)
      throws Exception {
    return Child.start(
        trial.directory(),
        LoneMain.command(
            List.of("-Xcheck:jni"),
            ReloadMain.class,
            alone,
            what,
            String.valueOf(cycles),
            String.valueOf(patience),
            ChildJvm.classPath()));
  }

  private void cycles(Trial trial, Path alone, int cycles, Duration limit) throws Exception {
    try (Child child = start(trial, alone, ReloadMain.CYCLES, cycles, 30)) {
      Optional<String> gone = child.answer(ReloadMain.GONE, limit);
      Optional<String> beside = child.answer(ReloadMain.BESIDE, limit);
      if (child.end(limit).isEmpty()) {
        trial.hangs(Invariant.I17, "a JVM that loads the library again and again", name());
      }
      for (String line : child.output()) {
        if (line.startsWith(ReloadMain.WRONG)) {
          trial.violated(Invariant.I17, line, name());
        }
      }
      if (!child.damage().isEmpty() || child.code() != 0 || gone.isEmpty()) {
        trial.violated(Invariant.I17, "code " + child.code() + ": " + child.tail(), name());
        return;
      }
      String[] counts = gone.get().split(" ");
      if (Integer.parseInt(counts[0]) != cycles) {
        trial.violated(
            Invariant.I17,
            "of %d class loaders %s were collected".formatted(cycles, counts[0]),
            name());
      }
      if (Integer.parseInt(counts[1]) != cycles) {
        trial.violated(
            Invariant.I17,
            "of %d copies of the library %s are mapped still".formatted(cycles, counts[1]),
            name());
      }
      if (!beside.orElse("no answer").isEmpty()) {
        trial.violated(Invariant.I17, "two class loaders at once: " + beside, name());
      }
      trial.ran(Invariant.I17, "class loaders", cycles + 2);
    }
  }
}
