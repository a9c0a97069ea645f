package dev.loopbridge.stress.faults;

import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.MissingToolException;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Plays the faults that need a JVM of their own, which reports to this JVM's trial. */
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
    long few = trial.choose(3L, 100L, 1_000L);
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
   * @param times how often; the child reports how much it tried
   * @param before the command that the shell runs first
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
    List<String> all = new ArrayList<>(List.of(options));
    all.add("-XX:ErrorFile=" + trial.directory().resolve("hs_err_%p.log"));
    all.add("-Dloopbridge.library.loopbridge_builtin=" + library);
    List<String> arguments = new ArrayList<>(trial.forChild());
    arguments.addAll(List.of(name, String.valueOf(times)));
    List<String> words = new ArrayList<>(List.of("timeout", "-s", "KILL", PATIENCE_SECONDS));
    words.addAll(List.of("sh", "-c", before + " exec \"$@\"", "sh"));
    words.addAll(ChildJvm.command(all, FaultChild.class, arguments.toArray(String[]::new)));
    Command.Ended ended = Command.of(words).onLine(System.out::println).run();
    if (ended.code() != code) {
      String text = number + " " + name + ": a JVM ended with " + ended.code() + ", not " + code;
      trial.violated(invariant, text + ":\n" + ended.tail(), name);
    } else {
      trial.ran(invariant, "JVMs with a fault", 1);
    }
  }
}
