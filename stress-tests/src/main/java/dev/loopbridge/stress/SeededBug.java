package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;

/**
 * A bug that is planted to see whether its suite notices it: a few marked lines of the product's
 * source, and the lines that replace them. The product has only the marks.
 *
 * @param id its name on the command line
 * @param about its effect, in one line
 * @param suite the suite that must find it
 * @param scene the part of that suite to run, as for {@code replay}; empty: all of it
 * @param budget the time within which it must be found, without the build
 */
record SeededBug(
    String id, String about, String suite, String scene, Duration budget, List<Edit> edits) {

  /**
   * One change.
   *
   * @param mark the name that the line's mark has, {@link SeededPlaces}
   * @param put the line that replaces it
   */
  record Edit(String mark, String put) {}
}
