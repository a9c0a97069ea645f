package dev.loopbridge.stress.process;

import dev.loopbridge.stress.Trial;

/** What the process suite tries, one after the other; a finding's scene begins with its name. */
interface Part {

  String name();

  /**
   * Tries it.
   *
   * @param only what to try again of it; empty: all
   */
  void run(Trial trial, String only) throws Exception;
}
