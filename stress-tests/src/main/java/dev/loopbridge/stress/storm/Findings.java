package dev.loopbridge.stress.storm;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;

/** The receiver of a storm's findings. */
interface Findings {

  void ran(Invariant invariant, String what, long count);

  void violated(Invariant invariant, String text);

  /** Reports a hang. This returns only if the receiver lets the storm go on. */
  void hangs(Invariant invariant, String text) throws InterruptedException;

  void note(String text);

  /** Returns a receiver that reports to the trial. */
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
