package dev.loopbridge.stress;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The command line's options, which each command takes. */
final class Options {

  @Option(
      names = "--suite",
      split = ",",
      paramLabel = "A,B",
      description = "only these suites; of self-check only these bugs")
  private List<String> only = List.of();

  @Option(names = "--tier", description = "${COMPLETION-CANDIDATES}: 3, 30 or 150 minutes")
  private Tier tier = Tier.T1;

  @Option(names = "--seed", description = "where all that is random begins; the clock by default")
  private long seed = System.currentTimeMillis();

  @Option(names = "--time", description = "how long open searches go on each, such as 30s or 5m")
  private String time;

  @Option(
      names = "--loops",
      split = ",",
      paramLabel = "A,B",
      description = "only these kinds of loop")
  private List<String> loops = List.of();

  @Option(
      names = "--jdk",
      paramLabel = "HOME",
      converter = Home.class,
      description = "the JDK that the suites run on; this one's by default")
  private Path jdk = Path.of(System.getProperty("java.home"));

  @Option(
      names = "--source",
      converter = Source.class,
      description = "the checkout; the one around the working directory by default")
  private Path source;

  @Option(names = "--out", description = "where logs, stacks and results.json go: ${DEFAULT-VALUE}")
  private Path out = Path.of("stress-results");

  @Option(names = "--ledger", description = "where each run adds a line: ${DEFAULT-VALUE}")
  private Path ledger = Path.of("ledger.jsonl");

  /** Returns the names of suites or of bugs; empty means all. */
  List<String> only() {
    return only;
  }

  Path jdk() {
    return jdk;
  }

  Path out() {
    return out.toAbsolutePath().normalize();
  }

  Path ledger() {
    return ledger;
  }

  /** Returns the command with the options that select from its work. */
  String what(String command) {
    return command
        + (only.isEmpty() ? "" : " --suite " + String.join(",", only))
        + (time == null ? "" : " --time " + time)
        + (loops.isEmpty() ? "" : " --loops " + String.join(",", loops));
  }

  /**
   * Returns the order for a suite's JVM.
   *
   * @throws IllegalArgumentException if a kind of loop does not exist, or the time is no duration
   */
  Order order() {
    Loops.named(loops);
    Optional<Path> checkout = Optional.ofNullable(source).or(() -> Checkout.around(Path.of("")));
    return new Order(tier, seed, duration(), loops, checkout, out(), Optional.empty());
  }

  private Optional<Duration> duration() {
    try {
      return Optional.ofNullable(time).map(text -> Duration.parse("PT" + text));
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "--time must be a duration such as 30s, 5m or 1h30m, not " + time, e);
    }
  }

  /**
   * Returns the suites to run.
   *
   * @throws IllegalArgumentException if there is no such suite
   */
  List<Suite> suites() {
    return only.isEmpty()
        ? Suites.all().stream().filter(suite -> suite.runsIn(tier)).toList()
        : only.stream().map(Suites::named).toList();
  }

  private static final class Home implements ITypeConverter<Path> {
    @Override
    public Path convert(String home) {
      if (!Files.isExecutable(Path.of(home, "bin", "java"))) {
        throw new TypeConversionException(
            "there is no JDK in " + home + ": expected bin/java in it");
      }
      return Path.of(home).toAbsolutePath();
    }
  }

  private static final class Source implements ITypeConverter<Path> {
    @Override
    public Path convert(String directory) {
      Path source = Path.of(directory).toAbsolutePath().normalize();
      if (!Checkout.isAt(source)) {
        throw new TypeConversionException(
            source + " is no checkout of Loopbridge: expected native-executor/Cargo.lock in it");
      }
      return source;
    }
  }
}
