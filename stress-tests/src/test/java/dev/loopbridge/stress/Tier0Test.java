package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the suites of tier T0 on the JDK of this build. */
@Tag("slow")
class Tier0Test {

  @Test
  void theSuitesFindNothing() throws Exception {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    int exitCode =
        Main.commandLine(new PrintStream(report, true, StandardCharsets.UTF_8))
            .execute(
                "run",
                "--tier",
                "T0",
                "--out",
                "target/stress",
                "--ledger",
                "target/stress/ledger.jsonl");
    assertThat(exitCode).as(report.toString(StandardCharsets.UTF_8)).isZero();
  }
}
