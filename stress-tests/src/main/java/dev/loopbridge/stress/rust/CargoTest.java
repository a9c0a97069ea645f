package dev.loopbridge.stress.rust;

import dev.loopbridge.stress.Checkout;
import dev.loopbridge.stress.Command;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.MissingToolException;
import dev.loopbridge.stress.Trial;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Rust tests of the checkout, built and run by cargo, whose output {@link TestReport} reads. */
final class CargoTest {

  private final Checkout checkout;
  private final List<String> arguments = new ArrayList<>();
  private final Map<String, String> environment = new HashMap<>();

  /**
   * @param target the directory for the build, below the workspace's own: each configuration has
   *     its own
   * @param profile the cargo profile of the build
   * @param what further arguments of {@code cargo test}
   */
  CargoTest(Checkout checkout, String target, String profile, List<String> what) {
    this.checkout = checkout;
    with("CARGO_TARGET_DIR", checkout.executor().resolve("target").resolve(target).toString());
    with("RUST_BACKTRACE", "0");
    arguments.addAll(List.of("cargo", "test", "--profile", profile, "--locked"));
    arguments.addAll(what);
  }

  /** Sets a variable of cargo's environment and that of the tests. */
  CargoTest with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /**
   * Runs the tests.
   *
   * @return the output, of which {@code trial} has got all but the counts
   * @throws IllegalStateException if the tests do not build
   */
  TestReport run(Trial trial) throws MissingToolException, InterruptedException, IOException {
    Command.Ended built = command("--no-run").run();
    if (!built.ok()) {
      throw new IllegalStateException("the tests do not build:\n" + built.tail());
    }
    TestReport report = new TestReport(trial);
    Command.Ended ended = command("--no-fail-fast").onLine(report::line).run();
    report.ended();
    if (!ended.ok() && !report.failed()) {
      trial.violated(
          Invariant.I9, "the tests ended with code " + ended.code() + ":\n" + ended.tail(), "");
    }
    return report;
  }

  private Command command(String last) {
    List<String> words = new ArrayList<>(arguments);
    words.add(last);
    Command command = Command.of(words).in(checkout.executor());
    environment.forEach(command::with);
    return command;
  }
}
