package dev.loopbridge.stress.codec;

import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.MissingToolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Builds the targets of {@code native-executor/fuzz} once, and runs each for a while. */
final class LibFuzzer {

  private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in");
  private static final Pattern WHY =
      Pattern.compile("panicked at|SUMMARY:|allocated for|ERROR: libFuzzer");
  private static final String MOST_HEAP_MEBIBYTES = "64";
  private static final String MOST_SECONDS_EACH = "10";
  private static final String LONGEST_INPUT = "512";

  private final Path sources;
  private final Path found;

  /**
   * Makes the fuzzer of a checkout.
   *
   * @param executor the checkout's workspace of Rust crates
   * @param found the folder for the inputs that libFuzzer keeps, or that fail
   */
  LibFuzzer(Path executor, Path found) {
    this.sources = executor.resolve("fuzz");
    this.found = found;
  }

  /** The end of a target: how often it ran, and why it stopped early, or null. */
  record Ended(long runs, String failure) {}

  /** Builds all targets. */
  void build() throws MissingToolException, IOException, InterruptedException {
    Command.Ended ended =
        Command.of("cargo", "build", "--release", "--locked", "--bins").in(sources).run();
    if (!ended.ok()) {
      if (ended.tail().contains("failed to find tool") || ended.tail().contains("is `c++`")) {
        throw new MissingToolException("a C++ compiler (g++), for libFuzzer");
      }
      throw new IOException("the fuzz targets cannot be built:\n" + ended.tail());
    }
  }

  /** Runs a target from its corpus on. */
  Ended run(String target, Duration time, long seed)
      throws MissingToolException, IOException, InterruptedException {
    Path grown = Files.createDirectories(found.resolve(target));
    Path corpus = sources.resolve("corpus").resolve(target);
    long[] runs = new long[1];
    StringBuilder why = new StringBuilder();
    Command command =
        Command.of(
                Stream.concat(
                        Stream.of(
                            program(target).toString(),
                            "-max_total_time=" + Math.max(1, time.toSeconds()),
                            "-seed=" + (int) (seed & 0x7fff_ffff | 1),
                            "-max_len=" + LONGEST_INPUT,
                            "-timeout=" + MOST_SECONDS_EACH,
                            "-malloc_limit_mb=" + MOST_HEAP_MEBIBYTES,
                            "-artifact_prefix=" + grown + "-",
                            grown.toString()),
                        Files.isDirectory(corpus) ? Stream.of(corpus.toString()) : Stream.empty())
                    .toList())
            .in(found)
            .onLine(
                line -> {
                  Matcher done = DONE.matcher(line);
                  if (done.find()) {
                    runs[0] = Long.parseLong(done.group(1));
                  } else if (WHY.matcher(line).find()) {
                    why.append(line.strip()).append("; ");
                  }
                });
    Command.Ended ended = command.run();
    return new Ended(
        runs[0],
        ended.ok()
            ? null
            : why.isEmpty() ? "code " + ended.code() + ": " + ended.tail() : why.toString());
  }

  /** Returns the file that cargo built; a directory on the way to it has the platform's name. */
  private Path program(String target) throws IOException {
    try (Stream<Path> platforms = Files.list(sources.resolve("../target/fuzz").normalize())) {
      List<Path> programs =
          platforms
              .map(platform -> platform.resolve("release").resolve(target))
              .filter(Files::isExecutable)
              .toList();
      if (programs.isEmpty()) {
        throw new IOException("cargo built no " + target);
      }
      return programs.get(0);
    }
  }
}
