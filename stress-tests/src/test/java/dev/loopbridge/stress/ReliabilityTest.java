package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the README says of a run is what the ledger recorded. */
class ReliabilityTest {

  @Test
  void theReadmeTellsTheLastRecordedRun() throws Exception {
    List<Run> recorded =
        new Ledger(Path.of("ledger.jsonl"))
            .runs().stream().filter(run -> run.facts().get("what").equals("run")).toList();
    assertThat(recorded).isNotEmpty();
    Run last = recorded.get(recorded.size() - 1);
    assertThat(last.facts()).containsEntry("tier", "T1");
    assertThat(last.exitCode()).isZero();
    assertThat(Files.readString(Path.of("../README.md"))).contains(Reliability.text(last));
  }
}
