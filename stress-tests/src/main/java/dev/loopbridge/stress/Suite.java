package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Tests whether the bridge keeps its promises. Each run of a suite has a JVM of its own, so that a
 * crash, an exit or a hang is a finding like any other. A suite is a public class with a public
 * constructor without parameters.
 */
public interface Suite {

  /** Its name on the command line. */
  String name();

  /** Its description, in one line. */
  String about();

  /** Whether it is part of a tier. */
  default boolean runsIn(Tier tier) {
    return true;
  }

  /**
   * How much a run must have tried, or it proves nothing: counts for invariants, each more than
   * zero. What is not named here may be tried too.
   */
  Map<Invariant, Long> least(Tier tier);

  /** How long a run may take; after that it hangs. */
  Duration limit(Tier tier);

  /** The options with which its JVM has to be started. */
  default List<String> jvmOptions() {
    return List.of();
  }

  /**
   * Runs the suite, and reports counts and findings to {@code trial}.
   *
   * @throws Exception if the suite itself fails, which is no verdict on the bridge
   */
  void run(Trial trial) throws Exception;

  /**
   * Runs one case again, which a finding named. By default all of the suite, from the same seed.
   *
   * @param scene the part of the finding's name behind the seed; may be empty
   */
  default void replay(Trial trial, String scene) throws Exception {
    run(trial);
  }
}
