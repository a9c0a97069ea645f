package dev.loopbridge.stress;

import java.time.Duration;
import java.util.List;

/**
 * A bug that is planted to see whether its suite notices: a few marked lines of the product's
 * source, and what stands there instead. Of the bug the product has no more than the marks.
 *
 * @param id what the command line calls it
 * @param about what it does, in one line
 * @param suite the suite that must find it
 * @param scene the part of that suite to run, as for {@code replay}; empty: all of it
 * @param budget the time in which it must be found, the build not counted
 */
record SeededBug(
    String id, String about, String suite, String scene, Duration budget, List<Edit> edits) {

  /**
   * One change.
   *
   * @param mark the name that the line's mark has, {@link SeededPlaces}
   * @param put what stands there instead of the line
   */
  record Edit(String mark, String put) {}
}
