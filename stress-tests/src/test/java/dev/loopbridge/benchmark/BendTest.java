package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests where a growing cost is said to bend, and which rounds count as disturbed. */
class BendTest {

  private static final long MILLI = 1_000_000;

  private static List<String> notes(double... costs) {
    List<Table.Row> rows = new ArrayList<>();
    for (double cost : costs) {
      rows.add(new Table.Row("arm " + rows.size(), Map.of(Harness.CPU, new double[] {cost, cost})));
    }
    List<String> notes = new ArrayList<>();
    Bend.note(
        new Table("sizes", "Sizes", Harness.CPU, true, "arm 0", rows), Harness.CPU, notes::add);
    return notes;
  }

  private static Machine.Use use(long first, long second, long busy) {
    return new Machine.Use(Map.of(1, first, 2, second), busy);
  }

  @Test
  void namesEachArmThatCostsMuchMoreThanTheOneBefore() {
    assertThat(notes(200, 290, 1000, 1100, 2000))
        .containsExactly(
            "sizes: the cost bends at arm 2, 1 000 cpuNs after 290",
            "sizes: the cost bends at arm 4, 2 000 cpuNs after 1 100");
  }

  @Test
  void saysThatACostIsFlat() {
    assertThat(notes(200, 300, 290, 430))
        .containsExactly("sizes: no arm costs more than 1.5 times the arm before it");
  }

  @Test
  void aTenthOfASliceForOtherProcessesDisturbsIt() {
    Machine.Use before = use(10 * MILLI, 0, 0);
    assertThat(use(15 * MILLI, 5 * MILLI, 0).wasDisturbed(before, 100 * MILLI, 0, 0)).isFalse();
    assertThat(use(15 * MILLI, 6 * MILLI, 0).wasDisturbed(before, 100 * MILLI, 0, 0)).isTrue();
  }

  @Test
  void processesThatAreMeasuredDisturbNothing() {
    Machine.Use before = use(0, 0, 0);
    assertThat(use(50 * MILLI, 0, 0).wasDisturbed(before, 100 * MILLI, 0, 50 * MILLI)).isFalse();
    assertThat(use(50 * MILLI, 0, 0).wasDisturbed(before, 100 * MILLI, 50 * MILLI, 0)).isTrue();
  }

  @Test
  void whatNoProcessShowsDisturbsBeyondTheRoundingOfTicks() {
    Machine.Use before = use(0, 0, 0);
    assertThat(use(0, 0, 140 * MILLI).wasDisturbed(before, 100 * MILLI, 100 * MILLI, 0)).isFalse();
    assertThat(use(0, 0, 141 * MILLI).wasDisturbed(before, 100 * MILLI, 100 * MILLI, 0)).isTrue();
  }
}
