package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Libraries in JVMs with unusual surroundings. */
@EnabledOnOs(OS.LINUX)
@Tag("slow")
class LoadingTest {

  private static final String NAME = "odd_place";
  private static final String PROPERTY = "-Dloopbridge.library." + NAME + "=";
  private static final String WORKS = NAME + " works: 3";
  private static final String REFUSED = NAME + " is refused: NativeLibraryException: ";
  private static final int LARGE_BYTES = 32 << 20;

  @TempDir private Path directory;

  private Path work;
  private Path resources;
  private Path file;

  /** A class path entry and a file, each of which holds the built-in library by another name. */
  @BeforeEach
  void prepare() throws IOException {
    work = Files.createDirectory(directory.resolve("work"));
    resources = directory.resolve("resources");
    Path resource = resources.resolve(LibraryPlatform.resource(NAME, LibraryPlatform.name()));
    Files.createDirectories(resource.getParent());
    file = directory.resolve("lib" + NAME + ".so");
    try (InputStream in =
        LibrarySource.find("loopbridge_builtin", getClass().getClassLoader()).open()) {
      Files.copy(in, resource);
    }
    Files.copy(resource, file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tmp", "./tmp/../tmp", ""})
  void aRelativePlaceForTemporaryFilesIsBelowTheWorkingDirectory(String place) throws Exception {
    Path temporary = Files.createDirectory(work.resolve("tmp"));
    assertThat(run(java("-Djava.io.tmpdir=" + place), NAME)).contains(WORKS);
    assertThat(run(java("-Djava.io.tmpdir=" + place, PROPERTY + file), NAME)).contains(WORKS);
    assertThat(files(work)).as("left behind").containsExactly(temporary);
    assertThat(files(temporary)).as("left behind").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "/proc/nowhere", "/proc/self/maps"})
  void aPlaceForTemporaryFilesThatIsNoneIsNamed(String place) throws Exception {
    String refusal = only(run(java("-Djava.io.tmpdir=" + place), NAME), REFUSED);
    assertThat(refusal)
        .contains("'" + place + "' (system property java.io.tmpdir), is no directory")
        .contains("-Djava.io.tmpdir=/absolute/path")
        .contains(PROPERTY + "/absolute/path");
    assertThat(run(java("-Djava.io.tmpdir=" + place, PROPERTY + file), NAME))
        .contains(WORKS)
        .anyMatch(line -> line.contains("is mapped from " + file + " itself"));
  }

  /**
   * A property that a program sets reaches the JVM whole, even if the locale has no bytes for it.
   */
  @Test
  void aPathThatTheLocaleCannotExpressIsRefused() throws Exception {
    List<String> output =
        run(
            inLocaleC(java(), "-Dunused=unused"),
            "loopbridge.library." + NAME + "=/tmp/%00e4/libodd_place.so",
            NAME,
            "loopbridge.library.other=/tmp/%0000/libother.so",
            "other",
            "java.io.tmpdir=/tmp/%00e4",
            "loopbridge_builtin");
    assertThat(only(output, REFUSED))
        .contains("system property loopbridge.library." + NAME)
        .contains("LC_ALL=C.UTF-8");
    assertThat(only(output, "other is refused: NativeLibraryException: "))
        .contains("system property loopbridge.library.other")
        .contains("Nul character");
    assertThat(only(output, "loopbridge_builtin is refused: NativeLibraryException: "))
        .contains("java.io.tmpdir")
        .contains("LC_ALL=C.UTF-8");
  }

  /** A property on the command line loses its letters before any Java runs. */
  @Test
  void aPathThatTheLocaleHasSpoiltIsRefused() throws Exception {
    String spoilt = "=" + directory + "/t\\303\\244mp";
    List<String> temporary = run(inLocaleC(java(), "-Djava.io.tmpdir" + spoilt), NAME);
    assertThat(only(temporary, REFUSED))
        .contains("java.io.tmpdir")
        .contains("is no ")
        .contains("LC_ALL=C.UTF-8");
    List<String> explicit =
        run(inLocaleC(java(), "-Dloopbridge.library." + NAME + spoilt + "/lib.so"), NAME);
    assertThat(only(explicit, REFUSED)).contains("is no ").contains("LC_ALL=C.UTF-8");
  }

  @Test
  void aPlaceForTemporaryFilesThatIsMountedNoexecIsNamedWithTheWaysOut() throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("noexec"));
    List<String> mount =
        new ArrayList<>(
            List.of(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o noexec none '" + temporary + "' && exec \"$@\"",
                "sh"));
    List<String> attempt = new ArrayList<>(mount);
    attempt.add("true");
    assumeTrue(start(attempt).waitFor() == 0, "only root can mount a tmpfs here");
    List<String> java = java("-Djava.io.tmpdir=" + temporary);
    java.addAll(0, mount);
    assertThat(only(run(java, NAME), REFUSED))
        .contains("is mounted noexec")
        .contains("'" + temporary + "' (system property java.io.tmpdir)")
        .contains("-Djava.io.tmpdir=/absolute/path")
        .contains(PROPERTY + "/absolute/path");

    List<String> explicit = java("-Djava.io.tmpdir=" + temporary, PROPERTY + file);
    explicit.addAll(0, mount);
    assertThat(run(explicit, NAME))
        .contains(WORKS)
        .anyMatch(line -> line.contains("is mapped from " + file + " itself"));
  }

  @Test
  void aLargeLibraryNeedsNoRoomInTheHeap() throws Exception {
    byte[] library = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(library, LARGE_BYTES));
    Path jar = jar("large.jar", "unnamed", file);
    resources = jar;
    assertThat(run(java("-Xmx64m"), NAME)).contains(WORKS);
    assertThat(run(java("-Xmx64m", PROPERTY + file), NAME)).contains(WORKS);
  }

  @Test
  void aFileThatIsOverwrittenDoesNotCrashTheJvm() throws Exception {
    Path other = Files.copy(file, directory.resolve("other.so"));
    List<String> output =
        run(
            java(PROPERTY + file, "-Dloopbridge.library.unused=" + other),
            "unused",
            NAME,
            "!" + file,
            "unused",
            NAME);
    assertThat(output).contains(WORKS).filteredOn("unused works: 3"::equals).hasSize(2);
    assertThat(only(output, REFUSED)).contains("ELF"); // the file at that path is no library now
  }

  @Test
  void aModuleThatNothingRequiresIsNamed() throws Exception {
    Path jar = jar("modular.jar", "dev.example.natives", file);
    String refusal = only(run(modular(jar), NAME), REFUSED);
    assertThat(refusal).contains("--add-modules dev.example.natives").doesNotContain("class path");
    assertThat(run(modular(jar, "--add-modules", "dev.example.natives"), NAME)).contains(WORKS);

    assertThat(only(run(modular(jar), "nowhere"), "nowhere is refused: "))
        .contains("--add-modules")
        .doesNotContain("class path");
    assertThat(only(run(java(), "nowhere"), "nowhere is refused: "))
        .contains("class path")
        .doesNotContain("--add-modules");
  }

  /** A copy of this JVM's launcher that runs with a loader named like musl's. */
  @Test
  void aJvmOnMuslIsNotOfferedALibraryForGlibc() throws Exception {
    assumeTrue(!LibraryPlatform.isMusl());
    Path home = Path.of(System.getProperty("java.home"));
    Path launcher = home.resolve("bin/java");
    String loader = ElfFile.interpreter(launcher);
    String musl = "ld-musl-" + LibraryPlatform.arch() + ".so.1";
    Path named = Files.createSymbolicLink(work.resolve(musl), Path.of(loader));
    Path lib = Files.createSymbolicLink(directory.resolve("lib"), home.resolve("lib"));
    Path changed = Files.createDirectory(directory.resolve("bin")).resolve("java");
    String content = Files.readString(launcher, StandardCharsets.ISO_8859_1);
    String padded = musl + "\0".repeat(loader.length() - musl.length());
    Files.writeString(
        changed, content.replace(loader + "\0", padded + "\0"), StandardCharsets.ISO_8859_1);
    assertThat(changed.toFile().setExecutable(true)).isTrue();

    List<String> java = java();
    java.set(0, changed.toString());
    String platform = LibraryPlatform.name();
    assertThat(only(run(java, NAME), REFUSED))
        .contains("no native library '" + NAME + "' for " + platform + "-musl")
        .contains("META-INF/native/" + platform + "-musl/lib" + NAME + ".so")
        .contains("there is one for " + platform + ", which does not run here")
        .contains("-unknown-linux-musl");
    List<String> explicit = java(PROPERTY + file);
    explicit.set(0, changed.toString());
    assertThat(run(explicit, NAME)).contains(WORKS);
    Files.delete(named);
    Files.delete(lib);
  }

  private List<String> java(String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(resources + File.pathSeparator + classPath());
    command.add(LoadingMain.class.getName());
    return command;
  }

  /**
   * Surefire may have put the class path into a jar's manifest; the property has the whole path.
   */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** The bridge on the module path, beside a jar. */
  private List<String> modular(Path jar, String... options) throws Exception {
    Path tests =
        Path.of(LoadingMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path core = Path.of(Port.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Stream<String> needed =
        Arrays.stream(classPath().split(File.pathSeparator))
            .filter(entry -> entry.matches(".*/(netty-common|netty-buffer)[^/]*jar"));
    List<String> path = Stream.concat(Stream.of(core.toString(), jar.toString()), needed).toList();
    List<String> command =
        new ArrayList<>(
            List.of(
                java().get(0),
                "--module-path",
                String.join(File.pathSeparator, path),
                "--patch-module",
                "dev.loopbridge.core=" + tests,
                "--enable-native-access=dev.loopbridge.core"));
    command.addAll(List.of(options));
    command.addAll(List.of("-m", "dev.loopbridge.core/" + LoadingMain.class.getName()));
    return command;
  }

  private Path jar(String name, String module, Path library) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(new Attributes.Name("Automatic-Module-Name"), module);
    Path jar = directory.resolve(name);
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out, manifest)) {
      entries.putNextEntry(new ZipEntry(LibraryPlatform.resource(NAME, LibraryPlatform.name())));
      Files.copy(library, entries);
    }
    return jar;
  }

  /**
   * With one more option, in which {@code \OOO} is a byte: the JVM decides which letters that
   * makes.
   */
  private static List<String> inLocaleC(List<String> java, String option) {
    String script = "export LC_ALL=C; exec \"$0\" \"$(printf -- '" + option + "')\" \"$@\"";
    List<String> command = new ArrayList<>(List.of("sh", "-c", script));
    command.addAll(java);
    return command;
  }

  private Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .directory(work.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output.txt").toFile())
        .start();
  }

  /** The output of a JVM that does something for each of these arguments and ends with status 0. */
  private List<String> run(List<String> java, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(java);
    command.addAll(List.of(arguments));
    Process child = start(command);
    boolean ended = child.waitFor(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    child.destroyForcibly().waitFor();
    String output = Files.readString(directory.resolve("output.txt"), StandardCharsets.ISO_8859_1);
    if (!ended || child.exitValue() != 0) {
      fail("%s ended %s with %s: %s", command, ended, child.exitValue(), output);
    }
    return output.lines().toList();
  }

  private static String only(List<String> output, String beginning) {
    List<String> found = output.stream().filter(line -> line.startsWith(beginning)).toList();
    assertThat(found).as("'%s' in %s", beginning, output).hasSize(1);
    return found.get(0);
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted(Comparator.naturalOrder()).toList();
    }
  }
}
