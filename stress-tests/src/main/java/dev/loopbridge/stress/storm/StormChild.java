package dev.loopbridge.stress.storm;

import dev.loopbridge.benchmark.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.MissingToolException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The parent's side of a storm in a JVM of its own. */
final class StormChild {

  static final String MARK = "@storm ";

  private static final int LONGEST_MILLIS = 20;

  private StormChild() {}

  /** On one core. */
  static void onOneCore(LoopKind kind, Duration time, long seed, Told told) throws Exception {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "0"));
    command.addAll(command(kind, time, seed));
    Process process;
    try {
      process = start(command);
    } catch (IOException e) {
      throw new MissingToolException("taskset on the PATH: apt-get install util-linux");
    }
    follow(process, told);
  }

  /**
   * Stopped and continued at random moments by SIGSTOP and SIGCONT. That stops all threads of the
   * process, each where it happens to be, and lets them go on in any order: whatever window there
   * is between two steps of one thread, the others may find it open for long, and timers run out
   * meanwhile.
   */
  static long frozen(LoopKind kind, Duration time, long seed, Told told) throws Exception {
    Process process = start(command(kind, time, seed));
    SplittableRandom random = new SplittableRandom(seed);
    long[] stops = new long[1];
    Thread freezing =
        new Thread(
            () -> {
              try {
                while (process.isAlive()) {
                  pause(random);
                  signal("-STOP", process);
                  pause(random);
                  signal("-CONT", process);
                  stops[0]++;
                }
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            "storm-freezing");
    freezing.setDaemon(true);
    freezing.start();
    follow(process, told);
    freezing.join();
    return stops[0];
  }

  private static void pause(SplittableRandom random) {
    LockSupport.parkNanos(1_000_000L * (1 + random.nextInt(LONGEST_MILLIS)));
  }

  private static void signal(String signal, Process process)
      throws IOException, InterruptedException {
    new ProcessBuilder("kill", signal, String.valueOf(process.pid()))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static List<String> command(LoopKind kind, Duration time, long seed) {
    return ChildJvm.command(
        List.of("-XX:+UseSerialGC"),
        StormMain.class,
        kind.name(),
        String.valueOf(time.toMillis()),
        String.valueOf(seed));
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void follow(Process process, Told told) throws IOException, InterruptedException {
    boolean ranAny = false;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      while ((line = lines.readLine()) != null) {
        if (!line.startsWith(MARK)) {
          continue;
        }
        ranAny = true;
        String[] words = line.substring(MARK.length()).split(" ", 4);
        Invariant invariant = Invariant.valueOf(words[1]);
        switch (words[0]) {
          case "ran" -> told.ran(invariant, words[3], Long.parseLong(words[2]));
          case "violated" -> told.violated(invariant, words[3]);
          case "hangs" -> told.hangs(invariant, words[3]);
          default -> told.note(words[3]);
        }
      }
      if (process.waitFor() != 0 || !ranAny) {
        told.violated(Invariant.I1, "the JVM of a storm ended with code " + process.exitValue());
      }
    } finally {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }
}
