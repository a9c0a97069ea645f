package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;

/**
 * A bug that is planted to see whether its suite notices it: a few marked lines of the product's
 * source, and the lines that replace them. The product has only the marks.
 *
 * @param id the bug's name on the command line
 * @param about the bug's effect, in one line
 * @param suite the suite that must find it
 * @param scene the part of that suite to run, as for {@code replay}; empty: the whole suite
 * @param budget the time within which the suite must find the bug, without the build
 */
record SeededBug(
    String id, String about, String suite, String scene, Duration budget, List<Edit> edits) {

  /**
   * The change of one line.
   *
   * @param mark the name in the line's mark, see {@link SeededPlaces}
   * @param put the line that replaces it
   */
  record Edit(String mark, String put) {}
}
