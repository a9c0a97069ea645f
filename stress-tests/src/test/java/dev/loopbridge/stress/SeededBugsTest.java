package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bugs can be planted in the source as it is now. */
class SeededBugsTest {

  @TempDir Path directory;

  @Test
  void everyBugCanBePlanted() throws Exception {
    Path checkout = Checkout.around(Path.of("")).orElseThrow();
    assertThat(SeededBugs.all()).hasSizeGreaterThanOrEqualTo(20);
    assertThat(SeededBugs.all()).extracting(SeededBug::id).doesNotHaveDuplicates();
    for (SeededBug bug : SeededBugs.all()) {
      // SUITE
      for (String file : bug.files().toList()) {
        Path copy = directory.resolve(file);
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, Files.readString(checkout.resolve(file)));
      }
      for (SeededBug.Edit edit : bug.edits()) {
        edit.apply(directory);
      }
    }
  }
}
