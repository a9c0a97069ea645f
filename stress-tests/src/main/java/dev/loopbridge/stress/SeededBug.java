package dev.loopbridge.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * A bug that is planted to see whether its suite notices: a few places of the product's source, and
 * what stands there instead. The product itself knows nothing of it.
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
   * @param file its path in the checkout
   * @param found text that is there exactly once
   * @param put what stands there instead
   */
  record Edit(String file, String found, String put) {

    /** Applies it to a copy of the checkout. */
    void apply(Path checkout) throws IOException {
      Path path = checkout.resolve(file);
      String text = Files.readString(path);
      int at = text.indexOf(found);
      if (at < 0 || text.indexOf(found, at + 1) >= 0) {
        throw new IllegalStateException(
            "expected exactly once in " + file + ", update the seeded bug: " + found);
      }
      Files.writeString(path, text.substring(0, at) + put + text.substring(at + found.length()));
    }
  }

  /** The files that it changes. */
  Stream<String> files() {
    return edits.stream().map(Edit::file).distinct();
  }

  boolean changesRust() {
    return files().anyMatch(file -> file.endsWith(".rs"));
  }

  List<String> javaFiles() {
    return files().filter(file -> file.endsWith(".java")).toList();
  }
}
