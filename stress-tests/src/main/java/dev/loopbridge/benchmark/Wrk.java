package dev.loopbridge.benchmark;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The load generator {@code wrk}, run as a child process.
 *
 * @param program the path of the program
 */
record Wrk(Path program) {

  private static final int CONNECTIONS = 32;

  /** Finds the program on the PATH. */
  static Optional<Wrk> find() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Arrays.stream(path.split(Pattern.quote(File.pathSeparator)))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, "wrk"))
        .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
        .findFirst()
        .map(Wrk::new);
  }

  /**
   * Loads {@code url} for so long, by one thread over 32 connections; when it returns, all of them
   * are closed on this side.
   *
   * @throws IllegalStateException if any request went wrong
   */
  Report run(String url, int seconds) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                program.toString(),
                "-t1",
                "-c" + CONNECTIONS,
                "-d" + seconds + "s",
                "--timeout",
                "10s",
                "--latency",
                url)
            .redirectErrorStream(true)
            .start();
    try (InputStream output = process.getInputStream()) {
      process.getOutputStream().close();
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      int exit = process.waitFor();
      if (exit != 0) {
        throw new IllegalStateException("wrk on " + url + " ended with " + exit + ":\n" + text);
      }
      return Report.parse(text);
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * The output of {@code wrk --latency}.
   *
   * @param requests the number of answered requests
   */
  record Report(long requests, double requestsPerSecond, double p99Nanos) {

    private static final Pattern REQUESTS = Pattern.compile("(?m)^\\s*(\\d+) requests in ");
    private static final Pattern RATE = Pattern.compile("(?m)^Requests/sec:\\s+(\\d+(?:\\.\\d+)?)");
    private static final Pattern P99 =
        Pattern.compile("(?m)^\\s*99%\\s+(\\d+(?:\\.\\d+)?)(us|ms|s|m|h)\\s*$");
    private static final Pattern ERRORS =
        Pattern.compile("(?m)^\\s*(?:Socket errors|Non-2xx or 3xx responses): .*$");
    private static final Map<String, Double> NANOS_PER_UNIT =
        Map.of("us", 1e3, "ms", 1e6, "s", 1e9, "m", 60e9, "h", 3600e9);

    /**
     * @throws IllegalStateException if the text reports errors, or no requests
     */
    static Report parse(String text) {
      String errors =
          ERRORS
              .matcher(text)
              .results()
              .map(line -> line.group().strip())
              .collect(Collectors.joining(", "));
      if (!errors.isEmpty()) {
        throw new IllegalStateException("wrk saw errors: " + errors);
      }
      long requests = Long.parseLong(find(REQUESTS, text).group(1));
      double requestsPerSecond = Double.parseDouble(find(RATE, text).group(1));
      if (requests == 0) {
        throw new IllegalStateException("wrk got no answer:\n" + text);
      }
      Matcher p99 = find(P99, text);
      return new Report(
          requests,
          requestsPerSecond,
          Double.parseDouble(p99.group(1)) * NANOS_PER_UNIT.get(p99.group(2)));
    }

    private static Matcher find(Pattern pattern, String text) {
      Matcher matcher = pattern.matcher(text);
      if (!matcher.find()) {
        throw new IllegalStateException("wrk printed nothing like " + pattern + ":\n" + text);
      }
      return matcher;
    }
  }
}
