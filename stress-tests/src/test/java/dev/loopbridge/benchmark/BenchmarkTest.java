package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.kit.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The benchmark runs through, and what it measures is what the targets ask for. */
class BenchmarkTest {

  /** In a JVM of its own: the hand-written natives are not written for the JVM's checks. */
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
    Main.Options options =
        Main.Options.parse("--quick", "--check", "--only", "idle,trips", "--out", "somewhere");
    assertThat(options.effort()).isEqualTo(Effort.QUICK);
    assertThat(options.check()).isTrue();
    assertThat(options.only()).containsExactlyInAnyOrder("trips", "idle");
    assertThat(options.directory()).isEqualTo(Path.of("somewhere"));
    assertThat(Main.Options.parse().effort()).isEqualTo(Effort.FULL);
    assertThat(Main.Options.parse().only()).contains("trips", "web", "peer");
  }

  @Test
  void argumentsThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> Main.Options.parse("--fast"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--fast")
        .hasMessageContaining("--quick");
    assertThatThrownBy(() -> Main.Options.parse("--only", "nothing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing")
        .hasMessageContaining("completions");
    assertThatThrownBy(() -> Main.Options.parse("--out"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--out");
  }
}
