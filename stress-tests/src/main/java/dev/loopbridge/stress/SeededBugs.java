package dev.loopbridge.stress;

import java.util.List;

/** The bugs that {@code self-check} plants. */
final class SeededBugs {

  private SeededBugs() {}

  static List<SeededBug> all() {
    return List.of();
  }
}
