package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that each seeded bug has its marks in the source, and that each mark there has a bug. */
class SeededBugsTest {

  @TempDir Path directory;

  @Test
  void eachMarkIsThereOnceAndKnown() throws Exception {
    SeededPlaces places = SeededPlaces.of(Checkout.around(Path.of("")).orElseThrow());
    List<String> marks =
        SeededBugs.all().stream()
            .flatMap(bug -> bug.edits().stream().map(SeededBug.Edit::mark))
            .toList();
    assertThat(places.marks()).containsExactlyInAnyOrderElementsOf(marks);
    assertThat(SeededBugs.all()).hasSizeGreaterThanOrEqualTo(33);
    assertThat(SeededBugs.all()).extracting(SeededBug::id).doesNotHaveDuplicates();
  }

  @Test
  void aBugTakesThePlaceOfItsMarkedLine() throws Exception {
    Path file = write("// seed M1 M2b", "first();", "second(); // seed M2a", "third();");
    SeededPlaces places = SeededPlaces.of(directory);
    assertThat(places.marks()).containsExactly("M1", "M2a", "M2b");
    places.plant(bug("M2a", "M2b"), directory);
    assertThat(file).hasContent("// seed M1 M2b\nput M2b\nput M2a\nthird();");
  }

  @Test
  void aDoubledOrMissingMarkIsRefused() throws Exception {
    write("first(); // seed M1", "second();");
    SeededPlaces places = SeededPlaces.of(directory);
    assertThatIllegalStateException()
        .isThrownBy(() -> places.files(bug("M2")))
        .withMessageContaining("M2");
    write("first(); // seed M1", "second(); // seed M1");
    assertThatIllegalStateException()
        .isThrownBy(() -> SeededPlaces.of(directory))
        .withMessageContaining("M1");
  }

  private Path write(String... lines) throws Exception {
    Path source = Files.createDirectories(directory.resolve("native-executor/crates"));
    return Files.write(source.resolve("lib.rs"), List.of(lines));
  }

  private static SeededBug bug(String... marks) {
    List<SeededBug.Edit> edits =
        List.of(marks).stream().map(mark -> new SeededBug.Edit(mark, "put " + mark)).toList();
    return new SeededBug("M0", "", "", "", Duration.ZERO, edits);
  }
}
