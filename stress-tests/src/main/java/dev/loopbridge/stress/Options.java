package dev.loopbridge.stress;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Stream;

/**
 * What the command line asks for.
 *
 * @param what the command, with the options that choose among what it could do
 * @param only names of suites, or of bugs; empty: all
 */
record Options(
    Verb verb, String what, List<String> only, Order order, Path jdk, Path out, Path ledger) {

  enum Verb {
    LIST,
    RUN,
    REPLAY,
    REPORT,
    SELF_CHECK
  }

  private static final Set<String> CHOICES = Set.of("--suite", "--time", "--loops");

  static Options parse(String... arguments) {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("expected list, run, replay, report or self-check");
    }
    Verb verb = verb(arguments[0]);
    int at = 1;
    List<String> only = List.of();
    long seed = System.currentTimeMillis();
    Optional<String> scene = Optional.empty();
    if (verb == Verb.REPLAY) {
      if (arguments.length < 2 || arguments[1].split("/", 3).length < 2) {
        throw new IllegalArgumentException(
            "replay needs the name that a finding gave, SUITE/SEED or SUITE/SEED/SCENE");
      }
      String[] name = arguments[1].split("/", 3);
      only = List.of(name[0]);
      seed = number("the seed", name[1]);
      scene = Optional.of(name.length > 2 ? name[2] : "");
      at = 2;
    }
    Tier tier = Tier.T1;
    Optional<Duration> time = Optional.empty();
    List<String> loops = List.of();
    Path jdk = Path.of(System.getProperty("java.home"));
    Optional<Path> checkout = Checkout.around(Path.of(""));
    Path out = Path.of("stress-results");
    Path ledger = Path.of("ledger.jsonl");
    StringJoiner what = new StringJoiner(" ");
    Stream.of(arguments).limit(at).forEach(what::add);
    for (; at < arguments.length; at += 2) {
      String option = arguments[at];
      if (at + 1 == arguments.length) {
        throw new IllegalArgumentException(option + " needs a value");
      }
      String value = arguments[at + 1];
      switch (option) {
        case "--suite" -> only = List.of(value.split(","));
        case "--tier" -> tier = tier(value);
        case "--seed" -> seed = number(option, value);
        case "--time" -> time = Optional.of(duration(value));
        case "--loops" -> loops = List.of(value.split(","));
        case "--jdk" -> jdk = jdk(Path.of(value));
        case "--source" -> checkout = Optional.of(checkout(Path.of(value)));
        case "--out" -> out = Path.of(value);
        case "--ledger" -> ledger = Path.of(value);
        default ->
            throw new IllegalArgumentException(
                "unknown option "
                    + option
                    + ", expected --suite, --tier, --seed, --time, --loops, --jdk, --source, --out"
                    + " or --ledger");
      }
      if (CHOICES.contains(option)) {
        what.add(option).add(value);
      }
    }
    Order order =
        new Order(tier, seed, time, loops, checkout, out.toAbsolutePath().normalize(), scene);
    Options options =
        new Options(verb, what.toString(), only, order, jdk, order.directory(), ledger);
    Loops.named(loops);
    if (verb == Verb.SELF_CHECK) {
      SelfCheck.bugs(only);
    } else {
      options.suites();
    }
    return options;
  }

  /** The suites asked for. */
  List<Suite> suites() {
    return only.isEmpty()
        ? Suites.all().stream().filter(suite -> suite.runsIn(order.tier())).toList()
        : only.stream().map(Suites::named).toList();
  }

  private static Verb verb(String name) {
    return switch (name) {
      case "list" -> Verb.LIST;
      case "run" -> Verb.RUN;
      case "replay" -> Verb.REPLAY;
      case "report" -> Verb.REPORT;
      case "self-check" -> Verb.SELF_CHECK;
      default ->
          throw new IllegalArgumentException(
              "unknown command " + name + ", expected list, run, replay, report or self-check");
    };
  }

  private static Tier tier(String name) {
    try {
      return Tier.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("there is no tier " + name + ", only T0, T1 and T2", e);
    }
  }

  private static long number(String what, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " must be a whole number, not " + text, e);
    }
  }

  private static Duration duration(String text) {
    try {
      return Duration.parse("PT" + text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "--time must be a duration such as 30s, 5m or 1h30m, not " + text, e);
    }
  }

  private static Path jdk(Path home) {
    if (!Files.isExecutable(home.resolve("bin/java"))) {
      throw new IllegalArgumentException(
          "there is no JDK in " + home + ": expected bin/java in it");
    }
    return home.toAbsolutePath();
  }

  private static Path checkout(Path directory) {
    if (!Checkout.isAt(directory)) {
      throw new IllegalArgumentException(
          directory + " is no checkout of Loopbridge: expected native-executor/Cargo.lock in it");
    }
    return directory.toAbsolutePath().normalize();
  }
}
