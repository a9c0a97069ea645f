package dev.loopbridge.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {

  @TempDir Path directory;

  private static Run run(String commit) {
    SuiteResult history = new SuiteResult("history");
    history.ran(Invariant.I3, "calls", 3_000_000);
    history.ran(Invariant.I5, "cancels", 20);
    history.control("a settle that was doubled", true);
    history.took(Duration.ofMillis(61_500));
    SuiteResult storm = new SuiteResult("storm");
    storm.ran(Invariant.I3, "completions", 1_000_000);
    storm.add(new Finding(Finding.Kind.INCOMPLETE, null, "no taskset", ""));
    storm.add(new Finding(Finding.Kind.VIOLATED, Invariant.I1, "lost", "storm/1/vertx"));
    storm.note("a note");
    return new Run(Map.of("commit", commit), List.of(history, storm));
  }

  @Test
  void keepsEveryRun() throws IOException {
    Ledger ledger = new Ledger(directory.resolve("deep/ledger.jsonl"));
    assertThat(ledger.runs()).isEmpty();
    ledger.append(run("a"));
    ledger.append(run("b"));
    assertThat(ledger.runs())
        .extracting(run -> run.facts().get("commit"))
        .containsExactly("a", "b");
    assertThat(Ledger.json(ledger.runs().get(1))).isEqualTo(Ledger.json(run("b")));
  }

  @Test
  void theWeightiestFindingDecides() {
    assertThat(run("a").exitCode()).isEqualTo(1);
  }

  @Test
  void theReportSumsUpEachInvariant() {
    List<Report.Row> rows = Report.rows(run("a"));
    assertThat(rows).hasSize(Invariant.values().length);
    Report.Row settles = rows.get(Invariant.I3.ordinal());
    assertThat(settles.most()).isEqualTo(3_000_000);
    assertThat(settles.bound()).isEqualTo("1e-06");
    assertThat(settles.suites()).containsExactly("history", "storm");
    assertThat(settles.verdict()).isEqualTo("held");
    assertThat(rows.get(Invariant.I1.ordinal()).verdict()).isEqualTo("BROKEN");
    assertThat(rows.get(Invariant.I2.ordinal()).verdict()).isEqualTo("not tried");
    assertThat(Report.table(run("a"))).contains("3,000,000 calls; 1,000,000 completions");
  }
}
