package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the suites of tier T0 on the JDK of this build. */
@Tag("slow")
class Tier0Test {

  @Test
  void theSuitesFindNothing() throws Exception {
    int exitCode =
        Main.commandLine(System.out)
            .execute(
                "run",
                "--tier",
                "T0",
                "--out",
                "target/stress",
                "--ledger",
                "target/stress/ledger.jsonl");
    assertThat(exitCode).isZero();
  }
}
