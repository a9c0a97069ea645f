package dev.loopbridge.stress.history;

import dev.loopbridge.stress.Invariant;

/**
 * An error in a program's run.
 *
 * @param hangs whether something that must settle did not
 */
record Finding(Invariant invariant, String text, boolean hangs) {

  static Finding violated(Invariant invariant, String text) {
    return new Finding(invariant, text, false);
  }

  static Finding hang(Invariant invariant, String text) {
    return new Finding(invariant, text, true);
  }
}
