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

  /** Whatever a sample waits for is given up long before that. */
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
   * Runs it to its end, or until it cannot be waited for any more: then its JVM is left alone, for
   * its stacks to be taken.
   *
   * @param directory where it leaves a crash report
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
    CompletableFuture<Void> told =
        CompletableFuture.runAsync(() -> read(process.inputReader(StandardCharsets.UTF_8)));
    Duration limit = iteration.multipliedBy(iterations).plus(PATIENCE);
    hangs = !process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (hangs) {
      return;
    }
    told.join();
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

  /** How many samples ended as they may. */
  long samples() {
    return samples;
  }

  /** How many different outcomes these had. */
  int outcomes() {
    return outcomes;
  }

  /** What did not hold; empty if nothing. */
  String finding() {
    return finding;
  }

  /** Whether it did not end. */
  boolean hangs() {
    return hangs;
  }
}
