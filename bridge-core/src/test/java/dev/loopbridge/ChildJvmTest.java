package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a JVM that uses the bridge starts and ends. */
class ChildJvmTest {

  private static final Duration EXIT = Duration.ofSeconds(1);

  /**
   * The shortest time counts: a delay by the bridge is in each, a delay by a busy machine in some.
   */
  private static final int EXITS = 3;

  @TempDir private Path directory;

  private final List<String> output = new ArrayList<>();
  private final List<Duration> exits = new ArrayList<>();

  private Process start(String[] flags, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(Arrays.asList(flags));
    command.add("-cp");
    command.add(classPath());
    command.add(ChildMain.class.getName());
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .start();
  }

  /**
   * Surefire may have put the class path into a jar's manifest; the property has the whole path.
   */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private void awaitLine(BufferedReader reader, String line) throws IOException {
    for (String read = reader.readLine(); read != null; read = reader.readLine()) {
      output.add(read);
      if (read.equals(line)) {
        return;
      }
    }
    fail("the child ended without '" + line + "': " + output);
  }

  private int awaitExit(Process child, BufferedReader reader) throws Exception {
    long start = System.nanoTime();
    boolean exited = child.waitFor(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    exits.add(Duration.ofNanos(System.nanoTime() - start));
    if (!exited) {
      child.destroyForcibly();
      fail("the child did not exit: " + output);
    }
    reader.lines().forEach(output::add);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.startsWith("hs_err") || name.startsWith("core"));
    }
    assertThat(output)
        .noneMatch(
            line ->
                line.contains("in native method")
                    || line.contains("has been detected by the Java Runtime"));
    return child.exitValue();
  }

  private void exitsAtOnce(String how, int code, Consumer<Process> then) throws Exception {
    for (int i = 0; i < EXITS; i++) {
      Process child = start(new String[] {"-Xcheck:jni"}, how);
      try (BufferedReader reader = child.inputReader()) {
        awaitLine(reader, "leaving");
        then.accept(child);
        assertThat(awaitExit(child, reader)).as("%s", output).isEqualTo(code);
      }
    }
    assertThat(Collections.min(exits)).as("time to exit, of %s", exits).isLessThan(EXIT);
  }

  @ParameterizedTest
  @CsvSource({"return, 0", "exit, 3", "uncaught, 1", "exit-in-callback, 4"})
  void exitsAtOnceWithTenThousandCallsInFlight(String how, int code) throws Exception {
    exitsAtOnce(how, code, child -> {});
  }

  @Test
  void exitsAtOnceOnSigterm() throws Exception {
    exitsAtOnce("sigterm", 128 + 15, child -> child.toHandle().destroy());
  }

  @Test
  void callsOfAShutdownHookSettle() throws Exception {
    for (int i = 0; i < 3; i++) {
      Process child = start(new String[] {"-Xcheck:jni"}, "hook");
      try (BufferedReader reader = child.inputReader()) {
        awaitLine(reader, "leaving");
        assertThat(awaitExit(child, reader)).isEqualTo(5);
      }
      assertThat(output).contains("all settled");
    }
  }

  @Test
  void aLoopThatTakesNoTasksDoesNotKeepTheJvm() throws Exception {
    exitsAtOnce("full-queue", 0, child -> {});
  }

  @Test
  void aResultThatTheHeapHasNoRoomForFailsItsCallOnly() throws Exception {
    Process child = start(new String[] {"-Xcheck:jni", "-Xmx64m"}, "out-of-memory");
    try (BufferedReader reader = child.inputReader()) {
      assertThat(awaitExit(child, reader)).as("%s", output).isZero();
    }
    assertThat(output).contains("no room");
  }

  @Test
  void worksInIsolatedClassLoaders() throws Exception {
    Process child = start(new String[] {"-Xcheck:jni"}, "isolated");
    try (BufferedReader reader = child.inputReader()) {
      assertThat(awaitExit(child, reader)).as("%s", output).isZero();
    }
    assertThat(output.stream().filter(line -> line.startsWith("worked in"))).hasSize(3);
    assertThat(output.stream().filter(line -> line.equals("worked in java.net.URLClassLoader")))
        .hasSize(2);
  }

  /**
   * Calls start inside one another up to a limit, which a small stack has room for. Interpreted
   * frames have one size, whatever has run before.
   */
  @Test
  void callsThatNestEndOnAnyStackAndNeedALittle() throws Exception {
    Process child = start(new String[] {"-Xint"}, "stacks");
    try (BufferedReader reader = child.inputReader()) {
      assertThat(awaitExit(child, reader)).as("%s", output).isZero();
    }
    String last = output.get(output.size() - 1);
    assertThat(last).startsWith("enough KiB: ");
    assertThat(Integer.parseInt(last.substring("enough KiB: ".length()))).isBetween(1, 208);
  }

  @Test
  void worksOnTheModulePath() throws Exception {
    Path tests =
        Path.of(ChildMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path core = Path.of(Port.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> modules = new ArrayList<>(List.of(core.toString()));
    for (String entry : classPath().split(File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.matches("(netty-common|netty-buffer).*\\.jar")) {
        modules.add(entry);
      }
    }
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xcheck:jni",
                "--module-path",
                String.join(File.pathSeparator, modules),
                "--patch-module",
                "dev.loopbridge.core=" + tests,
                "--add-reads",
                "dev.loopbridge.core=ALL-UNNAMED",
                "--enable-native-access=dev.loopbridge.core",
                "-cp",
                classPath(),
                "-m",
                "dev.loopbridge.core/" + ChildMain.class.getName(),
                "work")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader reader = child.inputReader()) {
      assertThat(awaitExit(child, reader)).as("%s", output).isZero();
    }
  }

  @Test
  @EnabledForJreRange(minVersion = 24)
  void namesTheFlagWhereNativeAccessIsDenied() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                classPath(),
                ChildMain.class.getName(),
                "work")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader reader = child.inputReader()) {
      assertThat(awaitExit(child, reader)).isEqualTo(1);
    }
    assertThat(output)
        .anyMatch(
            line ->
                line.contains("NativeAccessException")
                    && line.contains("--enable-native-access=ALL-UNNAMED"));
  }
}
