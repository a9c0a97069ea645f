package dev.loopbridge.races;

import dev.loopbridge.kit.ChildJvm;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One jcstress test, run in a JVM of its own. */
final class Race {

  /** How long a test may take beyond its iterations; each wait of a sample is much shorter. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String test;
  private final Duration iteration;
  private final int iterations;

  private long samples;
  private int outcomes;
  private String finding = "";
  private String status = "";
  private boolean hangs;

  Race(String test, Duration iteration, int iterations) {
    this.test = test;
    this.iteration = iteration;
    this.iterations = iterations;
  }

  /**
   * Runs the test to its end, or to its time limit: then its JVM is left running, so that the
   * harness can take its stacks.
   *
   * @param directory the directory for a crash report
   */
  void run(Path directory) throws IOException, InterruptedException {
    List<String> options =
        List.of("-Xmx1g", "-XX:ErrorFile=" + directory.resolve("hs_err_%p.log").toAbsolutePath());
    Process process =
        new ProcessBuilder(
                ChildJvm.command(
                    options,
                    RaceMain.class,
                    test,
                    String.valueOf(iteration.toMillis()),
                    String.valueOf(iterations)))
            .redirectError(
                ProcessBuilder.Redirect.appendTo(directory.resolve("races.log").toFile()))
            .start();
    CompletableFuture<Void> reading =
        CompletableFuture.runAsync(() -> read(process.inputReader(StandardCharsets.UTF_8)));
    Duration limit = iteration.multipliedBy(iterations).plus(PATIENCE);
    hangs = !process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (hangs) {
      return;
    }
    reading.join();
    if (status.isEmpty()) {
      finding = "its JVM ended in its midst with code " + process.exitValue();
    } else if (!status.equals("NORMAL")) {
      finding = status + finding;
    }
  }

  private void read(BufferedReader lines) {
    try (lines) {
      String line;
      while ((line = lines.readLine()) != null) {
        int mark = line.indexOf(RaceMain.MARK);
        if (mark >= 0) {
          take(new JsonObject(line.substring(mark + RaceMain.MARK.length())));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void take(JsonObject answer) {
    String text = answer.getString("text");
    long count = answer.getLong("count");
    switch (answer.getString("kind")) {
      case "status" -> status = text;
      case "message" -> finding += "; " + text;
      case "ACCEPTABLE" -> {
        samples += count;
        outcomes += count > 0 ? 1 : 0;
      }
      default -> {
        if (count > 0) {
          finding += "; [" + text + "] " + count + " times: " + answer.getString("description");
        }
      }
    }
  }

  /** Returns how many samples had an allowed outcome. */
  long samples() {
    return samples;
  }

  /** Returns how many different outcomes these samples had. */
  int outcomes() {
    return outcomes;
  }

  /** Returns the forbidden outcome or the failure that was found; empty if there was none. */
  String finding() {
    return finding;
  }

  /** Returns whether the test did not end. */
  boolean hangs() {
    return hangs;
  }
}
