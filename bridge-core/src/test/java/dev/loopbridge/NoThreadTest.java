package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A process that can start no further thread, by a limit on its address space: that limit holds for
 * root too, and in containers.
 */
@EnabledOnOs(OS.LINUX)
class NoThreadTest {

  private static final String STACK = String.valueOf(1L << 30);

  @TempDir private Path directory;

  private String run(String scene, boolean rustThreadsTakeMuch) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-Xss1g", "-Xmx128m", "-XX:+UseSerialGC", "-Xcheck:jni", "-cp"));
    // Surefire may have put the class path into a jar's manifest; the property has the whole path.
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.addAll(List.of(NoThreadMain.class.getName(), scene));
    Path output = directory.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    if (rustThreadsTakeMuch) {
      builder.environment().put("RUST_MIN_STACK", STACK);
    }
    Process child = builder.start();
    boolean ended = child.waitFor(4 * Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!ended) {
      child.destroyForcibly().waitFor();
    }
    String report = Files.readString(output);
    assertThat(ended).as(report).isTrue();
    assertThat(child.exitValue()).as(report).isZero();
    return report;
  }

  /** The last limit stops Java's threads only: Rust's threads start. */
  @ParameterizedTest
  @CsvSource({
    "blocking, true",
    "workers, true",
    "close, true",
    "loop-end, true",
    "late-loop, true",
    "default-loop, false"
  })
  void whatNeedsAThreadFailsTypedAndLeavesNothing(String scene, boolean rustThreadsTakeMuch)
      throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit of util-linux");
    run(scene, rustThreadsTakeMuch);
  }

  @Test
  void aRuntimeOpenedWhileTheJvmShutsDownIsRefusedAndLeavesNoThread() throws Exception {
    assertThat(run("hook", false))
        .contains("refused: no runtime of loopbridge_builtin can be opened")
        .contains("the JVM is shutting down");
  }
}
