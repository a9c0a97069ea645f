package dev.loopbridge.stress.storm;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;

/** The receiver of a storm's findings. */
interface Findings {

  void ran(Invariant invariant, String what, long count);

  void violated(Invariant invariant, String text);

  /** May return only if another thread goes on after a hang. */
  void hangs(Invariant invariant, String text) throws InterruptedException;

  void note(String text);

  /** The trial itself. */
  static Findings by(Trial trial, String scene) {
    return new Findings() {
      @Override
      public void ran(Invariant invariant, String what, long count) {
        trial.ran(invariant, what, count);
      }

      @Override
      public void violated(Invariant invariant, String text) {
        trial.violated(invariant, text, scene);
      }

      @Override
      public void hangs(Invariant invariant, String text) throws InterruptedException {
        trial.hangs(invariant, text, scene);
      }

      @Override
      public void note(String text) {
        trial.note(text);
      }
    };
  }
}
