package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Libraries that are there, missing, damaged, foreign, old, and several at once. */
class LibraryTest {

  @TempDir private Path directory;

  @AfterEach
  void forgetProperties() {
    System.getProperties()
        .keySet()
        .removeIf(key -> key.toString().startsWith("loopbridge.library."));
  }

  private byte[] builtin() throws IOException {
    URL resource = LibraryFile.resource("loopbridge_builtin", getClass().getClassLoader());
    try (InputStream in = resource.openStream()) {
      return in.readAllBytes();
    }
  }

  private Path write(String name, byte[] content) throws IOException {
    Path file = Files.write(directory.resolve("lib" + name + ".so"), content);
    System.setProperty("loopbridge.library." + name, file.toString());
    return file;
  }

  @Test
  void tellsNameVersionAndFunctions() {
    NativeLibrary library = Builtin.library();
    assertThat(library.name()).isEqualTo("loopbridge_builtin");
    assertThat(library.version()).isEqualTo(LibraryTable.JAR_VERSION);
    assertThat(library.functions()).contains("async add(i64,i64)->i64", "async never()->unit");
    assertThat(Builtin.library()).isSameAs(library);
  }

  @Test
  void isTheSameByAnyNameOfItsFile() throws IOException {
    Path file = write("same", builtin());
    NativeLibrary library = NativeLibrary.load("same");
    System.setProperty("loopbridge.library.same", directory.resolve("./libsame.so").toString());
    assertThat(NativeLibrary.load("same")).isSameAs(library);
    Path link = Files.createSymbolicLink(directory.resolve("link.so"), file);
    System.setProperty("loopbridge.library.same", link.toString());
    assertThat(NativeLibrary.load("same")).isSameAs(library);
  }

  @Test
  void missing() {
    assertThatThrownBy(() -> NativeLibrary.load("nowhere"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("'nowhere'")
        .hasMessageContaining("META-INF/native/" + LibraryFile.platform())
        .hasMessageContaining("-Dloopbridge.library.nowhere=");
    System.setProperty("loopbridge.library.nowhere", directory.resolve("gone.so").toString());
    assertThatThrownBy(() -> NativeLibrary.load("nowhere"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("gone.so");
    System.setProperty("loopbridge.library.nowhere", "relative.so");
    assertThatThrownBy(() -> NativeLibrary.load("nowhere"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("absolute path");
    assertThatThrownBy(() -> NativeLibrary.load("../evil"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("../evil");
  }

  @Test
  void damaged() throws IOException {
    byte[] whole = builtin();
    int[] lengths = {0, 10, 63, 64, 4_096, whole.length / 2, whole.length - 1};
    for (int length : lengths) {
      Path file = write("damaged" + length, java.util.Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> NativeLibrary.load("damaged" + length))
          .as("cut to %s bytes", length)
          .isInstanceOf(NativeLibraryException.class)
          .hasMessageContaining(file.toString());
    }
    byte[] otherMachine = whole.clone();
    otherMachine[18] = 8; // MIPS
    write("foreign", otherMachine);
    assertThatThrownBy(() -> NativeLibrary.load("foreign"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("machine 8");
    write(
        "text", "this is no library".repeat(10).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThatThrownBy(() -> NativeLibrary.load("text"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("ELF");
  }

  /** A library of another layout: the same file with one bit of its fingerprint turned over. */
  @Test
  void olderThanTheJar() throws IOException {
    byte[] old = builtin();
    byte[] magic = "LOOPBRDG".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    int patched = 0;
    for (int i = 0; i + 64 < old.length; i++) {
      if (java.util.Arrays.equals(old, i, i + 8, magic, 0, 8)
          && java.nio.ByteBuffer.wrap(old).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong(i + 8)
              == RecordLayout.fingerprint()) {
        old[i + 8] ^= 1;
        patched++;
      }
    }
    assertThat(patched).as("library tables found in the file").isEqualTo(1);
    write("older", old);
    assertThatThrownBy(() -> NativeLibrary.load("older"))
        .isInstanceOf(LibraryMismatchException.class)
        .hasMessageContaining(LibraryTable.JAR_VERSION)
        .hasMessageContaining(Long.toHexString(RecordLayout.fingerprint()))
        .hasMessageContaining(Long.toHexString(RecordLayout.fingerprint() ^ 1));
    assertWorks(Builtin.library());
  }

  @Test
  void noneOfOurs() throws IOException {
    Path libz = null;
    try (java.util.stream.Stream<Path> found =
        Files.find(
            Path.of(System.getProperty("java.home"), "lib"),
            1,
            (path, attributes) -> path.getFileName().toString().equals("libzip.so"))) {
      libz = found.findFirst().orElseThrow();
    }
    write("zip_copy", Files.readAllBytes(libz));
    assertThatThrownBy(() -> NativeLibrary.load("zip_copy"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("zip_copy");
  }

  @Test
  void severalSideBySide() throws Exception {
    write("second", builtin());
    NativeLibrary first = Builtin.library();
    NativeLibrary second = NativeLibrary.load("second");
    assertThat(second.number()).isNotEqualTo(first.number());
    NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
    try (NativeRuntime one = NativeRuntime.create(first);
        NativeRuntime two = NativeRuntime.create(second)) {
      long[] sums = new long[2];
      for (long i = 0; i < 1_000; i++) {
        sums[0] += sum(one, loop, i);
        sums[1] += sum(two, loop, i);
      }
      assertThat(sums).containsExactly(1_000 * 999 / 2 + 1_000, 1_000 * 999 / 2 + 1_000);
      assertThatThrownBy(
              () -> Native.runtimeCounters(first.number(), two.handle(), new long[Native.COUNTERS]))
          .isInstanceOf(InvalidHandleException.class);
      assertThatThrownBy(() -> Native.portWake(second.number(), one.on(loop).handle()))
          .isInstanceOf(InvalidHandleException.class);
    } finally {
      NettyNioLoopTest.end(loop);
    }
  }

  private static long sum(NativeRuntime runtime, OwnerLoop loop, long i) throws Exception {
    return runtime
        .function("add", Long.class, long.class, long.class)
        .call(i, 1L)
        .as(Stages.stage(loop))
        .get(30, TimeUnit.SECONDS);
  }

  @Test
  void foundThroughTheGivenClassLoader() throws Exception {
    Path resource = directory.resolve("META-INF/native/" + LibraryFile.platform());
    Files.createDirectories(resource);
    Files.write(resource.resolve(System.mapLibraryName("elsewhere")), builtin());
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, null)) {
      assertWorks(NativeLibrary.load("elsewhere", loader));
    }
  }

  @Test
  void leavesNoFileBehind() throws IOException {
    Builtin.library();
    try (java.util.stream.Stream<Path> files =
        Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(
              files.filter(
                  path ->
                      path.resolve(System.mapLibraryName("loopbridge_builtin")).toFile().exists()))
          .isEmpty();
    }
  }

  private static void assertWorks(NativeLibrary library) {
    NativeRuntime runtime = NativeRuntime.create(library);
    try {
      assertThat(
              runtime
                  .function("add", Long.class, long.class, long.class)
                  .call(1L, 2L)
                  .as(Stages.stage())
                  .join())
          .isEqualTo(3L);
    } finally {
      Builtin.closeAndAwaitNothingLeft(runtime);
    }
  }
}
