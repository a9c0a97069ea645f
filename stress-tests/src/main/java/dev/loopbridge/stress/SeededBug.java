package dev.loopbridge.stress;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
   * @param found text that is there exactly once, however it is laid out
   * @param put what stands there instead
   */
  record Edit(String file, String found, String put) {

    private static final Pattern SPACE = Pattern.compile("\\s+");

    /** Applies it to a copy of the checkout. */
    void apply(Path checkout) throws IOException {
      Path path = checkout.resolve(file);
      String text = Files.readString(path);
      Matcher place = pattern().matcher(text);
      if (!place.find()) {
        throw new IllegalStateException("not in " + file + ", update the seeded bug: " + found);
      }
      String edited = text.substring(0, place.start()) + put + text.substring(place.end());
      if (place.find()) {
        throw new IllegalStateException(
            "more than once in " + file + ", update the seeded bug: " + found);
      }
      Files.writeString(path, edited);
    }

    private Pattern pattern() {
      return Pattern.compile(
          SPACE.splitAsStream(found.strip()).map(Pattern::quote).collect(joining("\\s+")));
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
