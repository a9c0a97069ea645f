package dev.loopbridge.stress.faults;

import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.MissingToolException;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The faults that take a JVM of their own. */
final class ChildFaults {

  private static final String PATIENCE_SECONDS = "45";

  private final Trial trial;
  private final Path library;
  private final String only;

  ChildFaults(Trial trial, Path library, String only) {
    this.trial = trial;
    this.library = library;
    this.only = only;
  }

  void run() throws IOException, InterruptedException, MissingToolException {
    long few = trial.tier().choose(3L, 100L, 1_000L);
    run("exit", "F17", Invariant.I14, FaultChild.EXIT_CODE, 1, "");
    run(
        "safepoints",
        "F18",
        Invariant.I12,
        0,
        few,
        "",
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:+SafepointALot",
        "-XX:+HandshakeALot",
        "-XX:GuaranteedSafepointInterval=1");
    run("files", "F24", Invariant.I12, 0, 1, "ulimit -n 1024 &&");
    run("heap", "F25", Invariant.I12, 0, few, "", "-Xmx16m", "-XX:+UseSerialGC");
  }

  /**
   * @param times how often; the child says how much it tried
   * @param before what the shell does first
   */
  private void run(
      String name,
      String number,
      Invariant invariant,
      int code,
      long times,
      String before,
      String... options)
      throws IOException, InterruptedException, MissingToolException {
    if (!only.isEmpty() && !only.equals(name)) {
      return;
    }
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.add("--enable-native-access=ALL-UNNAMED");
    java.add("-XX:ErrorFile=" + trial.directory().resolve("hs_err_%p.log"));
    java.add("-Dloopbridge.library.loopbridge_builtin=" + library);
    java.addAll(List.of(options));
    java.addAll(List.of("-cp", System.getProperty("java.class.path")));
    java.addAll(
        List.of(
            FaultChild.class.getName(),
            name,
            String.valueOf(trial.random(name).nextLong()),
            String.valueOf(times)));
    List<String> words =
        new ArrayList<>(
            List.of(
                "timeout", "-s", "KILL", PATIENCE_SECONDS, "sh", "-c", before + " exec \"$@\""));
    words.add("sh");
    words.addAll(java);
    List<String> told = new ArrayList<>();
    Command.Ended ended = Command.of(words).onLine(told::add).run();
    String of = number + " " + name + ": ";
    for (String line : told) {
      if (line.startsWith(FaultChild.WRONG)) {
        trial.violated(invariant, of + line.substring(FaultChild.WRONG.length()), name);
        return;
      }
    }
    if (ended.code() != code) {
      trial.violated(
          invariant,
          of + "a JVM ended with " + ended.code() + ", not " + code + ":\n" + ended.tail(),
          name);
      return;
    }
    for (String line : told) {
      if (line.startsWith(FaultChild.TRIED)) {
        trial.ran(
            Invariant.I3,
            "calls of JVMs with a fault",
            Long.parseLong(line.substring(FaultChild.TRIED.length())));
      }
    }
    trial.ran(invariant, "JVMs with a fault", 1);
  }
}
