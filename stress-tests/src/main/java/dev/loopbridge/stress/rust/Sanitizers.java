package dev.loopbridge.stress.rust;

import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.MissingToolException;
import dev.loopbridge.stress.Suite;
import dev.loopbridge.stress.Tier;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Runs the scripts in {@code stress-tests/sanitizers}: the built-in library under AddressSanitizer
 * and LeakSanitizer in an unmodified JVM, and the protocol crate under ThreadSanitizer without one.
 */
public final class Sanitizers extends Suite {

  private static final String ADDRESS = "address";
  private static final String THREAD = "thread";
  private static final Pattern CONTROL = Pattern.compile("^control (.+): (noticed|missed)$");

  public Sanitizers() {
    super("sanitizers", "address, leak and thread sanitizers on the native half");
  }

  @Override
  public boolean runsIn(Tier tier) {
    return tier != Tier.T0;
  }

  @Override
  public Map<Invariant, Long> least(Tier tier) {
    return Map.of(
        Invariant.I6, calls(tier),
        Invariant.I9, calls(tier),
        Invariant.I19, rounds(tier));
  }

  private static long calls(Tier tier) {
    return tier.choose(5_000L, 100_000L, 1_000_000L);
  }

  private static long rounds(Tier tier) {
    return tier.choose(1L, 2L, 20L);
  }

  @Override
  public Duration limit(Tier tier) {
    return tier.choose(Duration.ofMinutes(10), Duration.ofMinutes(15), Duration.ofMinutes(60));
  }

  @Override
  public void run(Trial trial) throws Exception {
    replay(trial, ADDRESS);
    replay(trial, THREAD);
  }

  /** Runs one of the scripts: {@code address} or {@code thread}. */
  @Override
  public void replay(Trial trial, String scene) throws Exception {
    if (scene.equals(THREAD)) {
      long rounds = rounds(trial.tier());
      if (finds(trial, Invariant.I19, THREAD, String.valueOf(rounds))) {
        return;
      }
      trial.ran(Invariant.I19, "rounds under ThreadSanitizer", rounds);
    } else {
      long calls = calls(trial.tier());
      String classPath = System.getProperty("java.class.path");
      if (finds(trial, Invariant.I9, ADDRESS, classPath, String.valueOf(calls))) {
        return;
      }
      trial.ran(Invariant.I6, "calls under LeakSanitizer", calls);
      trial.ran(Invariant.I9, "calls under AddressSanitizer", calls);
    }
  }

  private static boolean finds(Trial trial, Invariant invariant, String script, String... arguments)
      throws MissingToolException, InterruptedException, IOException {
    Path file = trial.checkout().root().resolve("stress-tests/sanitizers").resolve(script + ".sh");
    List<String> words = new ArrayList<>(List.of("bash", file.toString()));
    words.addAll(List.of(arguments));
    StringBuilder report = new StringBuilder();
    StringBuilder missing = new StringBuilder();
    Command.Ended ended =
        Command.of(words)
            .with("JAVA_HOME", System.getProperty("java.home"))
            .with("RUST_BACKTRACE", "0")
            .onLine(
                line -> {
                  Matcher control = CONTROL.matcher(line);
                  if (control.find()) {
                    trial.control(control.group(1), control.group(2).equals("noticed"));
                  } else if (line.startsWith("missing: ")) {
                    missing.append(line.substring("missing: ".length()));
                  } else if (line.startsWith("SUMMARY: ") || line.contains(" panicked at ")) {
                    report.append(line).append('\n');
                  }
                })
            .run();
    switch (ended.code()) {
      case 0 -> {
        return false;
      }
      case 1 -> {
        trial.violated(invariant, script + ": " + report + ended.tail(), script);
        return true;
      }
      case 3 -> throw new MissingToolException(missing.toString());
      // The script has printed which planted mistake it missed.
      case 5 -> {
        return true;
      }
      default -> throw new IllegalStateException(script + ".sh failed:\n" + ended.tail());
    }
  }
}
