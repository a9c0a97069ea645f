package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("slow")
class SuiteProcessTest {

  @TempDir Path directory;

  static Stream<Arguments> endings() {
    return Stream.of(
        Arguments.of(new Planted.Passing(), 0, ""),
        Arguments.of(new Planted.Violating(), 1, "settled twice"),
        Arguments.of(new Planted.Dying(), 1, "ended in its midst with code 134"),
        Arguments.of(new Planted.Hanging(), 4, "call 7 does not settle; stacks in"),
        Arguments.of(new Planted.Endless(), 4, "did not end within 3 s; stacks in"),
        Arguments.of(new Planted.Idle(), 2, "ran 9 of at least 10"),
        Arguments.of(new Planted.Blind(), 2, "no positive control ran"),
        Arguments.of(new Planted.Deaf(), 2, "control not noticed: a planted mistake"),
        Arguments.of(new Planted.Failing(), 2, "no file"),
        Arguments.of(new Planted.Unequipped(), 3, "needs a sanitizer: apt-get install libasan"));
  }

  @ParameterizedTest
  @MethodSource("endings")
  void reportsHowASuiteEnded(Suite suite, int exitCode, String text) throws Exception {
    SuiteResult result = run(suite, Optional.empty());
    assertThat(new Run(Map.of(), List.of(result)).exitCode()).isEqualTo(exitCode);
    assertThat(result.findings()).hasSize(exitCode == 0 ? 0 : 1);
    assertThat(result.findings().stream().map(Finding::text))
        .allSatisfy(found -> assertThat(found).contains(text));
  }

  @Test
  void namesWhatReplaysAFinding() throws Exception {
    SuiteResult result = run(new Planted.Violating(), Optional.empty());
    assertThat(result.findings())
        .singleElement()
        .extracting("replay")
        .isEqualTo("Violating/42/scene 5");
    result = run(new Planted.Replaying(), Optional.of("scene 5"));
    assertThat(result.findings())
        .singleElement()
        .extracting("text")
        .isEqualTo("replayed scene 5 of 42");
  }

  @Test
  void takesTheStacksOfWhatHangs() throws Exception {
    run(new Planted.Hanging(), Optional.empty());
    assertThat(Files.readString(directory.resolve("Hanging-stacks.txt")))
        .contains("dev.loopbridge.stress.Planted$Hanging.run");
  }

  @Test
  void stopsAtTheFirstViolationIfThatIsEnough() throws Exception {
    SuiteResult result =
        SuiteProcess.runUntilFound(
            new Planted.Violating(),
            order(Optional.empty()),
            Path.of(System.getProperty("java.home")),
            SuiteProcess.Patch.NONE,
            Duration.ofSeconds(60));
    assertThat(result.findings()).singleElement().extracting("text").isEqualTo("settled twice");
  }

  private SuiteResult run(Suite suite, Optional<String> scene)
      throws IOException, InterruptedException {
    return SuiteProcess.run(
        suite,
        order(scene),
        Path.of(System.getProperty("java.home")),
        SuiteProcess.Patch.NONE,
        line -> {});
  }

  private Order order(Optional<String> scene) {
    return new Order(
        Tier.T0, 42, Optional.empty(), List.of("netty-nio"), Optional.empty(), directory, scene);
  }
}
