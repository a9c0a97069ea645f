package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.kit.ChildJvm;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Tests that the benchmark runs to its end and measures the figures of all targets. */
class BenchmarkTest {

  /** Runs in a JVM of its own, since the hand-written natives would not pass the JVM's checks. */
  @Test
  @Timeout(300)
  void everyExperimentYieldsWhatTheTargetsAskFor() throws Exception {
    Process child =
        new ProcessBuilder(ChildJvm.command(List.of(), BenchmarkTrial.class))
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(child.waitFor()).as(output).isZero();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void argumentsAreUnderstood() {
    CommandLine line = Main.commandLine();
    ParseResult parsed =
        line.parseArgs(
            "--quick", "--check", "--only", "idle,trips", "--arms", "raw", "--out", "somewhere");
    assertThat(parsed.matchedOptionValue("--quick", false)).isTrue();
    assertThat(parsed.matchedOptionValue("--check", false)).isTrue();
    assertThat(parsed.matchedOptionValue("--only", Set.of())).isEqualTo(Set.of("trips", "idle"));
    assertThat(parsed.matchedOptionValue("--arms", Set.of())).isEqualTo(Set.of("raw"));
    assertThat(parsed.matchedOptionValue("--out", Path.of(""))).isEqualTo(Path.of("somewhere"));
    assertThat(Main.names()).contains("trips", "web", "peer");
  }

  @ParameterizedTest
  @CsvSource({
    "--fast, Unknown option: '--fast'",
    "--only nothing, there is no experiment nothing",
    "--out, Missing required parameter for option '--out'",
  })
  void argumentsThatMakeNoSenseAreRefused(String arguments, String message) {
    StringWriter written = new StringWriter();
    int exitCode =
        Main.commandLine().setErr(new PrintWriter(written)).execute(arguments.split(" "));
    assertThat(exitCode).isEqualTo(2);
    assertThat(written.toString()).contains(message);
  }
}
