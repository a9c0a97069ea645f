package dev.loopbridge.stress.process;

import dev.loopbridge.stress.Trial;

/** A part of the process suite; a finding's scene begins with the part's name. */
interface Part {

  String name();

  /**
   * Runs the part.
   *
   * @param only the scene to run again; empty: all
   */
  void run(Trial trial, String only) throws Exception;
}
