package dev.loopbridge.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The lines of the product's source where bugs can be planted. Such a line has a mark, {@code //
 * seed M1}, at its end or, where a formatter would move it, on a line of its own above. Several
 * bugs may share a line: {@code // seed M12a M25}.
 */
final class SeededPlaces {

  private static final List<String> SOURCES =
      List.of(
          "bridge-core/src/main/java",
          "bridge-reactor/src/main/java",
          "bridge-vertx/src/main/java",
          "native-executor/crates");

  private static final String MARK = "// seed ";

  private final Map<String, Place> places = new TreeMap<>();

  /** A line of a file, counted from 0. */
  private record Place(String file, int line) {}

  private SeededPlaces() {}

  /**
   * Finds the places of a checkout.
   *
   * @throws IllegalStateException if two lines bear the same mark
   */
  static SeededPlaces of(Path checkout) throws IOException {
    SeededPlaces found = new SeededPlaces();
    for (String sources : SOURCES) {
      Path directory = checkout.resolve(sources);
      if (Files.isDirectory(directory)) {
        for (Path file : sourceFiles(directory)) {
          found.read(checkout.relativize(file).toString(), Files.readAllLines(file));
        }
      }
    }
    return found;
  }

  private static List<Path> sourceFiles(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".java") || file.toString().endsWith(".rs"))
          .toList();
    }
  }

  private void read(String file, List<String> lines) {
    for (int line = 0; line < lines.size(); line++) {
      String text = lines.get(line).strip();
      int mark = text.lastIndexOf(MARK);
      if (mark < 0) {
        continue;
      }
      Place place = new Place(file, mark == 0 ? line + 1 : line);
      for (String name : text.substring(mark + MARK.length()).split(" ")) {
        Place other = places.put(name, place);
        if (other != null) {
          throw new IllegalStateException(
              "two lines bear the mark of the seeded bug " + name + ": " + other + " and " + place);
        }
      }
    }
  }

  /** Returns the names in the marks. */
  Set<String> marks() {
    return places.keySet();
  }

  /** Returns the files that a bug changes. */
  List<String> files(SeededBug bug) {
    return bug.edits().stream().map(edit -> place(edit.mark()).file()).distinct().toList();
  }

  private Place place(String mark) {
    Place place = places.get(mark);
    if (place == null) {
      throw new IllegalStateException(
          "no line bears the mark of the seeded bug "
              + mark
              + ": put \""
              + MARK
              + mark
              + "\" where the bug belongs now");
    }
    return place;
  }

  /** Plants a bug in a copy of the checkout. */
  void plant(SeededBug bug, Path copy) throws IOException {
    for (SeededBug.Edit edit : bug.edits()) {
      Place place = place(edit.mark());
      Path file = copy.resolve(place.file());
      List<String> lines = new ArrayList<>(Files.readAllLines(file));
      lines.set(place.line(), edit.put());
      Files.write(file, lines);
    }
  }
}
