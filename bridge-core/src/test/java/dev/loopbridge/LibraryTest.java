package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Libraries that are there, missing, damaged, foreign, outdated, and several at once. */
class LibraryTest {

  @TempDir private Path directory;

  @AfterEach
  void forgetProperties() {
    System.getProperties()
        .keySet()
        .removeIf(key -> key.toString().startsWith("loopbridge.library."));
  }

  private byte[] builtin() throws IOException {
    try (InputStream in =
        LibrarySource.find("loopbridge_builtin", getClass().getClassLoader()).open()) {
      return in.readAllBytes();
    }
  }

  private Path write(String name, byte[] content) throws IOException {
    Path file = Files.write(directory.resolve("lib" + name + ".so"), content);
    System.setProperty("loopbridge.library." + name, file.toString());
    return file;
  }

  @Test
  void reportsNameVersionAndFunctions() {
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
        .hasMessageContaining("META-INF/native/" + LibraryPlatform.name())
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
  void missingByTheNameOfItsCrateOrFile() {
    for (String near : List.of("my-orders", "libmy_orders.so", "/opt/libmy-orders.so")) {
      assertThatThrownBy(() -> NativeLibrary.load(near))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(near)
          .hasMessageContaining("'my_orders'");
    }
    System.setProperty("loopbridge.library.my-orders", "/opt/libmy_orders.so");
    assertThatThrownBy(() -> NativeLibrary.load("my_orders"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("-Dloopbridge.library.my_orders=")
        .hasMessageContaining("loopbridge.library.my-orders is set");
  }

  /** An application that is deployed again: its jar is another, at the same place. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aChangedFileAtTheSamePlaceIsLoadedAnew(boolean inJar) throws Exception {
    String name = inJar ? "deployed_jar" : "deployed_files";
    byte[] first = builtin();
    byte[] second = Arrays.copyOf(first, first.length + 1);
    Path place = inJar ? directory.resolve("app.jar") : directory.resolve("app");
    URL[] path = {deploy(place, name, first)};
    try (URLClassLoader before = new URLClassLoader(path, null)) {
      NativeLibrary library = NativeLibrary.load(name, before);
      assertThat(NativeLibrary.load(name, before)).isSameAs(library);
      deploy(place, name, second);
      try (URLClassLoader after = new URLClassLoader(path, null)) {
        NativeLibrary changed = NativeLibrary.load(name, after);
        assertThat(changed.number()).isNotEqualTo(library.number());
        assertWorks(changed);
        assertWorks(library);
        assertThat(NativeLibrary.load(name, after)).isSameAs(changed);
      }
    }
  }

  @Test
  void theSameContentAtAnotherPlaceIsShared() throws Exception {
    URL one = deploy(directory.resolve("one.jar"), "shared", builtin());
    URL other = deploy(directory.resolve("other"), "shared", builtin());
    try (URLClassLoader first = new URLClassLoader(new URL[] {one}, null);
        URLClassLoader second = new URLClassLoader(new URL[] {other}, null)) {
      NativeLibrary library = NativeLibrary.load("shared", first);
      assertThat(NativeLibrary.load("shared", second)).isSameAs(library);
      write("shared", builtin());
      assertThat(NativeLibrary.load("shared")).isSameAs(library);
    }
  }

  /**
   * Puts a library in the place of an earlier one, by a rename; returns the entry of the class
   * path.
   */
  private URL deploy(Path place, String name, byte[] library) throws IOException {
    String resource = LibraryPlatform.resource(name, LibraryPlatform.name());
    Path written = directory.resolve("written");
    Path target = place;
    if (place.toString().endsWith(".jar")) {
      try (OutputStream out = Files.newOutputStream(written);
          JarOutputStream entries = new JarOutputStream(out)) {
        entries.putNextEntry(new ZipEntry(resource));
        Files.copy(Files.write(directory.resolve("library"), library), entries);
      }
    } else {
      target = place.resolve(resource);
      Files.createDirectories(target.getParent());
      Files.write(written, library);
    }
    Files.move(written, target, StandardCopyOption.REPLACE_EXISTING);
    return place.toUri().toURL();
  }

  @Test
  void aDebugBuildIsMentionedOnce() throws IOException {
    List<String> logged = new CopyOnWriteArrayList<>();
    Logger logger = Logger.getLogger(NativeLibrary.class.getName());
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord logRecord) {
            logged.add(new SimpleFormatter().formatMessage(logRecord));
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    try {
      byte[] release = builtin();
      write("optimized", release);
      NativeLibrary.load("optimized");
      assertThat(logged).isEmpty();
      byte[] debug = release.clone();
      debug[table(debug) + LibraryTable.HEADER_BYTES - 1] = 1;
      Path file = write("unoptimized", debug);
      assertWorks(NativeLibrary.load("unoptimized"));
      NativeLibrary.load("unoptimized");
      assertThat(logged).hasSize(1);
      assertThat(logged.get(0))
          .contains("'unoptimized' from " + file + " is a debug build")
          .contains("--release");
    } finally {
      logger.removeHandler(handler);
    }
  }

  /** The offset of the table in a library's file. */
  private static int table(byte[] library) {
    byte[] magic = "LOOPBRDG".getBytes(StandardCharsets.US_ASCII);
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i + LibraryTable.HEADER_BYTES < library.length; i++) {
      if (Arrays.equals(library, i, i + 8, magic, 0, 8)
          && ByteBuffer.wrap(library).order(ByteOrder.LITTLE_ENDIAN).getLong(i + 8)
              == RecordLayout.fingerprint()) {
        found.add(i);
      }
    }
    assertThat(found).as("library tables found in the file").hasSize(1);
    return found.get(0);
  }

  @Test
  void damaged() throws IOException {
    byte[] whole = builtin();
    int[] lengths = {0, 10, 63, 64, 4_096, whole.length / 2, whole.length - 1};
    for (int length : lengths) {
      Path file = write("damaged" + length, Arrays.copyOf(whole, length));
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
    write("text", "this is no library".repeat(10).getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> NativeLibrary.load("text"))
        .isInstanceOf(NativeLibraryException.class)
        .hasMessageContaining("ELF");
  }

  /** A library of another layout: the same file with one bit of its fingerprint inverted. */
  @Test
  void olderThanTheJar() throws IOException {
    byte[] old = builtin();
    old[table(old) + 8] ^= 1;
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
    try (Stream<Path> found =
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
              () ->
                  Native.runtimeCounters(
                      first.number(), two.ports.config().runtime(), new long[RustCounter.COUNT]))
          .isInstanceOf(InvalidHandleException.class);
      assertThatThrownBy(
              () -> Native.portWake(second.number(), one.on(loop).state.nativeHalf.handle()))
          .isInstanceOf(InvalidHandleException.class);
    } finally {
      NettyNioLoopTest.end(loop);
    }
  }

  private static long sum(NativeRuntime runtime, OwnerLoop loop, long i) throws Exception {
    return runtime
        .function("add", Long.class, long.class, long.class)
        .call(i, 1L)
        .toFuture(loop)
        .get(30, TimeUnit.SECONDS);
  }

  @Test
  void foundThroughTheGivenClassLoader() throws Exception {
    Path resource = directory.resolve("META-INF/native/" + LibraryPlatform.name());
    Files.createDirectories(resource);
    Files.write(resource.resolve(System.mapLibraryName("elsewhere")), builtin());
    try (URLClassLoader loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, null)) {
      assertWorks(NativeLibrary.load("elsewhere", loader));
    }
  }

  @Test
  void leavesNoFileBehind() throws IOException {
    Builtin.library();
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
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
                  .toFuture()
                  .join())
          .isEqualTo(3L);
    } finally {
      Builtin.closeAndAwaitNothingLeft(runtime);
    }
  }
}
