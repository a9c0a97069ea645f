package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Tests whether the bridge keeps its promises. Each run of a suite has a JVM of its own, so that a
 * crash, an exit or a hang is a finding like any other. A suite is a public class with a public
 * constructor without parameters.
 */
public abstract class Suite {

  private final String name;
  private final String about;

  /**
   * A suite.
   *
   * @param name its name on the command line
   * @param about its description, in one line
   */
  protected Suite(String name, String about) {
    this.name = name;
    this.about = about;
  }

  /** Its name on the command line. */
  public String name() {
    return name;
  }

  /** Its description, in one line. */
  final String about() {
    return about;
  }

  /** Whether it is part of a tier. */
  public boolean runsIn(Tier tier) {
    return true;
  }

  /**
   * How much a run must have tried, or it proves nothing: counts for invariants, each more than
   * zero. What is not named here may be tried too.
   */
  public abstract Map<Invariant, Long> least(Tier tier);

  /** How long a run may take; after that it hangs. */
  public abstract Duration limit(Tier tier);

  /** The options with which its JVM has to be started. */
  public List<String> jvmOptions() {
    return List.of();
  }

  /**
   * Runs the suite, and reports counts and findings to {@code trial}.
   *
   * @throws Exception if the suite itself fails, which is no verdict on the bridge
   */
  public abstract void run(Trial trial) throws Exception;

  /**
   * Runs one case again, which a finding named. By default all of the suite, from the same seed.
   *
   * @param scene the part of the finding's name behind the seed; may be empty
   */
  public void replay(Trial trial, String scene) throws Exception {
    run(trial);
  }
}
