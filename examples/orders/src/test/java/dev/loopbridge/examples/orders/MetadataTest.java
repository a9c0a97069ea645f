package dev.loopbridge.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.build.Cargo;
import dev.loopbridge.build.JavaOptions;
import dev.loopbridge.build.JavaSources;
import dev.loopbridge.build.LibraryMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the file of the library says of it, whatever the linker has made of that file. */
class MetadataTest {

  private static final Path CRATE = Path.of("native");

  @TempDir private Path directory;

  private static Path packed() throws IOException {
    try (Stream<Path> all = Files.walk(Path.of("target/classes/META-INF/native"))) {
      return all.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
  }

  @Test
  void theFileHasTheFunctionsThatAreRegistered() throws IOException {
    LibraryMetadata library = LibraryMetadata.read(packed());
    assertThat(library.name()).isEqualTo("orders");
    assertThat(library.version()).isEqualTo("0.1.0");
    assertThat(library.lines()).containsAll(NativeLibrary.load("orders").functions());
  }

  @Test
  void itIsThereAfterStrip() throws Exception {
    Path stripped = Files.copy(packed(), directory.resolve("liborders.so"));
    Process strip = new ProcessBuilder("strip", stripped.toString()).inheritIO().start();
    assertThat(strip.waitFor()).isZero();
    assertThat(Files.size(stripped)).isLessThan(Files.size(packed()));
    requireSame(stripped);
  }

  @Test
  @Tag("slow")
  void itIsThereAfterLinkTimeOptimisation() throws IOException {
    Path built =
        new Cargo(CRATE, directory)
            .build(
                List.of(
                    "--release",
                    "--locked",
                    "--config=profile.release.lto='fat'",
                    "--config=profile.release.strip='symbols'",
                    "--config=profile.release.opt-level='z'",
                    "--config=build.rustflags=['-Clink-arg=-Wl,--gc-sections']"));
    requireSame(built);
  }

  private static void requireSame(Path other) throws IOException {
    JavaOptions options = JavaOptions.of("a");
    assertThat(new JavaSources(LibraryMetadata.read(other), options).files())
        .isEqualTo(new JavaSources(LibraryMetadata.read(packed()), options).files());
  }
}
