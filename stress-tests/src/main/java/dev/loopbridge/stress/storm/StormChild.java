package dev.loopbridge.stress.storm;

import dev.loopbridge.kit.ChildJvm;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.MissingToolException;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The parent's side of a storm in a JVM of its own. */
final class StormChild {

  private static final int LONGEST_MILLIS = 20;

  private StormChild() {}

  /** Runs a storm on one core. */
  static void onOneCore(Trial trial, LoopKind kind, Duration time, long seed, String scene)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("taskset", "-c", "0"));
    command.addAll(command(trial, kind, time, seed, scene));
    Process process;
    try {
      process = start(command);
    } catch (IOException e) {
      throw new MissingToolException("taskset on the PATH: apt-get install util-linux");
    }
    follow(process, trial, scene);
  }

  /**
   * Runs a storm that SIGSTOP and SIGCONT stop and continue at random moments. Each stop holds all
   * threads of the process wherever they are, and they go on in any order: a gap between two steps
   * of one thread may stay open for long, and timers run out meanwhile.
   */
  static long frozen(Trial trial, LoopKind kind, Duration time, long seed, String scene)
      throws Exception {
    Process process = start(command(trial, kind, time, seed, scene));
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
    follow(process, trial, scene);
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

  private static List<String> command(
      Trial trial, LoopKind kind, Duration time, long seed, String scene) {
    List<String> arguments = new ArrayList<>(trial.forChild());
    arguments.addAll(
        List.of(kind.name(), String.valueOf(time.toMillis()), String.valueOf(seed), scene));
    return ChildJvm.command(
        List.of("-XX:+UseSerialGC"), StormMain.class, arguments.toArray(String[]::new));
  }

  /** Starts the child, which reports its findings by this JVM's standard output. */
  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).inheritIO().start();
  }

  private static void follow(Process process, Trial trial, String scene)
      throws InterruptedException {
    try {
      int code = process.waitFor();
      if (code != 0) {
        trial.violated(Invariant.I1, "the JVM of a storm ended with code " + code, scene);
      }
    } finally {
      process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }
  }
}
