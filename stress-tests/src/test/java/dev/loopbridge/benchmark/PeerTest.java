package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class PeerTest {

  @Test
  void measuresBothProcesses() throws Exception {
    assumeTrue(Peer.isSupported(), "OpenDAL is only brought along for " + Peer.PLATFORM);
    List<String> notes = new ArrayList<>();
    List<Table> tables = Peer.measure(Effort.TRIAL, notes::add);
    assertThat(notes).allMatch(note -> note.endsWith("disturbed rounds repeated"));
    assertThat(tables).extracting(Table::id).containsExactly("peer", "peer-1");
    for (Table table : tables) {
      assertThat(table.baseline()).isEqualTo("OpenDAL");
      assertThat(table.rows()).extracting(Table.Row::arm).containsExactly("bridge", "OpenDAL");
      for (Table.Row row : table.rows()) {
        assertThat(row.metrics()).containsOnlyKeys("ns", "cpuNs", "bytes");
        assertThat(row.metrics().values()).allSatisfy(values -> assertThat(values).hasSize(1));
        assertThat(row.median("ns")).isBetween(10.0, 1e9);
        assertThat(row.median("cpuNs")).isBetween(10.0, 1e9);
        // The bytes include the array that was read.
        assertThat(row.median("bytes")).isBetween(32.0, 1e7);
      }
    }
  }

  @Test
  void endsWithItsStandardInput() throws Exception {
    try (PeerChild child = new PeerChild(PeerMain.BRIDGE)) {
      assertThat(child.run(1, 1).operations()).isEqualTo(1);
      assertThat(child.end()).isZero();
    }
  }

  @Test
  void reportsWhyAChildDidNotStart() {
    assertThatThrownBy(() -> new PeerChild("unknown"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the child JVM for unknown ended")
        .hasMessageContaining("no library unknown, expected bridge or OpenDAL");
  }

  @Test
  void reportsWhyAChildDied() throws Exception {
    try (PeerChild child = new PeerChild(PeerMain.BRIDGE)) {
      // So many calls are more than a loop's limit.
      assertThatThrownBy(() -> child.run(1 << 14, 1_000_000))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("TooManyInFlightException");
      assertThatThrownBy(() -> child.run(1, 1)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void answersAreFourNumbers() {
    PeerAnswer answer = new PeerAnswer(1, 2, 3, 4);
    assertThat(PeerAnswer.parse(answer.line())).isEqualTo(answer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1 2 3", "1 2 3 4 5", "1 2 3 four", "Exception in thread"})
  void refusesNonsense(String line) {
    assertThatThrownBy(() -> PeerAnswer.parse(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(line);
  }
}
