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
   * Makes a suite.
   *
   * @param name the suite's name on the command line
   * @param about the suite's description, in one line
   */
  protected Suite(String name, String about) {
    this.name = name;
    this.about = about;
  }

  /** Returns the suite's name on the command line. */
  public String name() {
    return name;
  }

  /** Returns the suite's description, in one line. */
  final String about() {
    return about;
  }

  /** Returns whether the suite is part of a tier. */
  public boolean runsIn(Tier tier) {
    return true;
  }

  /**
   * Returns the least count of tries for each invariant, more than zero; a run with fewer proves
   * nothing. A run may try other invariants too.
   */
  public abstract Map<Invariant, Long> least(Tier tier);

  /** Returns how long a run may take; a longer run counts as a hang. */
  public abstract Duration limit(Tier tier);

  /** Returns the options for the suite's JVM. */
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
   * Runs a case that a finding named again. By default this runs the whole suite from the same
   * seed.
   *
   * @param scene the part of the finding's name behind the seed; may be empty
   */
  public void replay(Trial trial, String scene) throws Exception {
    run(trial);
  }
}
