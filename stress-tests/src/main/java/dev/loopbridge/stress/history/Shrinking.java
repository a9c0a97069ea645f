package dev.loopbridge.stress.history;

import java.time.Duration;
import java.util.List;

/** Makes a program that fails smaller, for as long as it still fails and there is time. */
final class Shrinking {

  /** How often a program is run to see it fail: a race may need some attempts. */
  private static final int ATTEMPTS = 4;

  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Scene scene;
  private final long deadline;

  Shrinking(Scene scene, Duration time) {
    this.scene = scene;
    this.deadline = System.nanoTime() + time.toNanos();
  }

  /** Returns the smallest program found that still fails. */
  Program shrink(Program failing) throws Exception {
    Program smallest = failing;
    for (int size = smallest.steps().size() / 2; size > 0; size /= 2) {
      int from = 0;
      while (from < smallest.steps().size()) {
        if (System.nanoTime() > deadline) {
          return smallest;
        }
        int to = Math.min(from + size, smallest.steps().size());
        Program smaller = smallest.without(from, to);
        if (fails(smaller)) {
          smallest = smaller;
        } else {
          from = to;
        }
      }
    }
    return smallest;
  }

  private boolean fails(Program program) throws Exception {
    for (int attempt = 0; attempt < ATTEMPTS && System.nanoTime() < deadline; attempt++) {
      List<Finding> findings = new ProgramRun(scene, program, PATIENCE).run();
      if (!findings.isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
