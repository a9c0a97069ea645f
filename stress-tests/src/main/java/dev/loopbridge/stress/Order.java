package dev.loopbridge.stress;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The order to one JVM of a suite, which gets it as its arguments.
 *
 * @param tier how thorough to be
 * @param seed the seed of all random values
 * @param time how long open searches go on; empty: as long as for the tier
 * @param loops the names of the loop kinds to try; empty: all kinds that the machine has
 * @param checkout the directory of the sources
 * @param directory the directory to which suites may write
 * @param scene the one case to replay; empty: the whole suite
 */
record Order(
    Tier tier,
    long seed,
    Optional<Duration> time,
    List<String> loops,
    Optional<Path> checkout,
    Path directory,
    Optional<String> scene) {

  /** The mark of the lines of standard output that are events; other lines are for the reader. */
  static final String MARK = "@stress ";

  /** The number of arguments without a scene. */
  static final int ARGUMENTS = 6;

  /** Returns the order to replay one case. */
  Order of(long otherSeed, String one) {
    return new Order(tier, otherSeed, time, loops, checkout, directory, Optional.of(one));
  }

  Order withoutScene() {
    return new Order(tier, seed, time, loops, checkout, directory, Optional.empty());
  }

  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    arguments.add(tier.name());
    arguments.add(String.valueOf(seed));
    arguments.add(time.map(Duration::toString).orElse(""));
    arguments.add(String.join(",", loops));
    arguments.add(checkout.map(Path::toString).orElse(""));
    arguments.add(directory.toString());
    scene.ifPresent(arguments::add);
    return arguments;
  }

  static Order of(List<String> arguments) {
    return new Order(
        Tier.valueOf(arguments.get(0)),
        Long.parseLong(arguments.get(1)),
        some(arguments.get(2)).map(Duration::parse),
        some(arguments.get(3)).map(names -> List.of(names.split(","))).orElse(List.of()),
        some(arguments.get(4)).map(Path::of),
        Path.of(arguments.get(5)),
        arguments.size() > 6 ? Optional.of(arguments.get(6)) : Optional.empty());
  }

  private static Optional<String> some(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
