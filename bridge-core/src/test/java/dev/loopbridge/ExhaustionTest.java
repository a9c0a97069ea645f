package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Calls at the end of the stack and of the heap, each in a JVM of its own: the damage that such an
 * error does to classes of the JVM and of Netty must not reach other tests.
 */
@Tag("slow")
class ExhaustionTest {

  private static final int MINUTES = 4;

  @TempDir private Path directory;

  private void allSettle(String scenario, int rounds, String... flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(Arrays.asList(flags));
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", classPath));
    command.addAll(List.of(ExhaustionMain.class.getName(), scenario, String.valueOf(rounds)));
    Path output = directory.resolve("output");
    Process child =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!child.waitFor(MINUTES, TimeUnit.MINUTES)) {
      child.destroyForcibly().waitFor();
      fail("the child did not end: " + end(output));
    }
    assertThat(child.exitValue()).as("%s", end(output)).isZero();
    assertThat(end(output)).contains("all settled");
  }

  private static String end(Path output) throws Exception {
    String all = Files.readString(output);
    return all.substring(Math.max(0, all.length() - 6_000));
  }

  private static List<String> stackScenarios() {
    return List.of(
        "starts", "starts-on-loop", "raw-starts-on-loop", "cancels", "answers", "recursion");
  }

  @ParameterizedTest
  @MethodSource("stackScenarios")
  void atEveryDepthOfAStack(String scenario) throws Exception {
    allSettle(scenario, 60);
  }

  /** Interpreted code needs more calls for a step, so the stack ends at more places. */
  @ParameterizedTest
  @MethodSource("stackScenarios")
  void atEveryDepthOfAStackInterpreted(String scenario) throws Exception {
    allSettle(scenario, 24, "-Xint");
  }

  /** Each round leaves a little more of the heap free. */
  @Test
  void withAHeapThatIsFull() throws Exception {
    allSettle("heap", 16, "-Xmx64m", "-XX:+UseSerialGC");
  }
}
