package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that this module's README shows the run that the ledger recorded. */
class ReliabilityTest {

  private static Run last(String what) throws IOException {
    List<Run> recorded =
        new Ledger(Path.of("ledger.jsonl"))
            .runs().stream()
                .filter(run -> run.facts().get("what").equals(what))
                .filter(run -> run.facts().get("tier").equals("T1"))
                .toList();
    assertThat(recorded).isNotEmpty();
    return recorded.get(recorded.size() - 1);
  }

  @Test
  void theReadmeShowsTheLastRecordedRunOfAllSuites() throws Exception {
    Run last = last("run");
    assertThat(last.exitCode()).isZero();
    assertThat(Files.readString(Path.of("README.md"))).contains(Reliability.text(last));
  }

  @Test
  void sumsUpWhatWasCountedOnEachKindOfLoop() {
    SuiteResult storm = new SuiteResult("storm");
    storm.ran(Invariant.I3, "calls on vertx", 5);
    storm.ran(Invariant.I3, "calls on own", 7);
    storm.ran(Invariant.I3, "calls on one core of two", 1);
    Run run = new Run(Map.of("date", "2026-11-22T05:00:00Z"), List.of(storm));
    assertThat(Reliability.text(run))
        .contains("| 12 calls; 1 calls on one core of two | 0 | 4e-01 |");
  }
}
