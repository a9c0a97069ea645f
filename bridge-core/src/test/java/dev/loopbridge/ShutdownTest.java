package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What closes a runtime when its JVM gets SIGTERM: the user's hook, or else the end of its grace.
 * {@link ChildJvmTest} has the JVM with neither, which ends at once.
 */
@Tag("slow")
class ShutdownTest {

  /** The JVM's own end takes a fraction of this, a wait for a close that never comes far more. */
  private static final Duration EXIT = Duration.ofSeconds(10);

  private static final String SETTLED = "as it should";

  private final List<String> output = new ArrayList<>();

  /** Sends SIGTERM to a child; the time from the last line that it printed to its end. */
  private Duration end(String scenario) throws Exception {
    Process child = start(scenario);
    long last = 0;
    try (BufferedReader reader = child.inputReader()) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        last = System.nanoTime();
        output.add(line);
        if (line.equals("ready")) {
          child.toHandle().destroy();
        }
      }
      assertThat(child.waitFor(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).as("%s", output).isEqualTo(128 + 15);
      return Duration.ofNanos(System.nanoTime() - last);
    } finally {
      child.destroyForcibly();
    }
  }

  private static Process start(String scenario) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xcheck:jni",
            "-Djava.util.logging.manager=" + ShutdownMain.KeptLogs.class.getName(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            ShutdownMain.class.getName(),
            scenario)
        .redirectErrorStream(true)
        .start();
  }

  @ParameterizedTest
  @ValueSource(strings = {"owner", "neighbours", "closed-in-hook"})
  void nothingEndsBeforeTheOwnerHasClosedAndTheJvmEndsThen(String scenario) throws Exception {
    assertThat(end(scenario)).as("%s", output).isLessThan(EXIT);
    assertThat(output).containsExactly("ready", SETTLED);
  }

  @Test
  void withoutAnOwnerTheWholeGraceIsHeld() throws Exception {
    end("grace");
    assertThat(output).containsExactly("ready", SETTLED);
  }

  @Test
  void aRuntimeThatWasClosedHoldsNoJvm() throws Exception {
    assertThat(end("closed")).isLessThan(EXIT);
    assertThat(output).containsExactly("ready");
  }

  @Test
  void rustThatComputesOnHoldsNoJvm() throws Exception {
    assertThat(end("busy")).as("%s", output).isLessThan(EXIT);
    assertThat(output).containsExactly("ready", SETTLED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"forgotten", "late"})
  void anOwnerThatIsLateIsNamedAndWhatIsInFlightSettles(String scenario) throws Exception {
    end(scenario);
    assertThat(output)
        .startsWith("ready")
        .contains(SETTLED)
        .anyMatch(
            line ->
                line.contains("was not closed within PT0.5S")
                    && line.contains("loopbridge_builtin"))
        .noneMatch(line -> line.contains("Error"));
  }
}
