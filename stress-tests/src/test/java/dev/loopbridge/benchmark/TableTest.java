package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests the arithmetic of a table. */
class TableTest {

  private static Table table(boolean lessIsBetter) {
    return new Table(
        "id",
        "Title",
        "figure",
        lessIsBetter,
        "base",
        List.of(
            new Table.Row("base", Map.of("figure", new double[] {10, 20, 30})),
            new Table.Row("arm", Map.of("figure", new double[] {5, 40, 10}))));
  }

  @Test
  void medianIsTheMiddleOfTheSortedValues() {
    assertThat(Table.median(new double[] {3, 1, 2})).isEqualTo(2);
    assertThat(Table.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
    assertThat(Table.median(new double[] {7})).isEqualTo(7);
    assertThat(table(true).row("arm").median("figure")).isEqualTo(10);
  }

  @Test
  void medianLeavesTheValuesInTheOrderOfTheRounds() {
    double[] values = {3, 1, 2};
    Table.median(values);
    assertThat(values).containsExactly(3, 1, 2);
  }

  @Test
  void medianOfNoRoundsIsNoNumber() {
    assertThat(Table.median(new double[0])).isNaN();
  }

  @Test
  void quantileIsLinearBetweenTheRanks() {
    double[] values = {40, 10, 30, 20, 50};
    assertThat(Table.quantile(values, 0)).isEqualTo(10);
    assertThat(Table.quantile(values, 0.25)).isEqualTo(20);
    assertThat(Table.quantile(values, 0.6)).isEqualTo(34);
    assertThat(Table.quantile(values, 1)).isEqualTo(50);
  }

  @Test
  void ratiosSayHowManyTimesBetterWhereLessIsBetter() {
    assertThat(table(true).ratios("arm", "base", "figure")).containsExactly(2, 0.5, 3);
  }

  @Test
  void ratiosSayHowManyTimesBetterWhereMoreIsBetter() {
    assertThat(table(false).ratios("arm", "base", "figure")).containsExactly(0.5, 2, 10.0 / 30);
  }

  @Test
  void rowOfAnUnknownArmIsRefused() {
    assertThat(table(true).hasArm("other")).isFalse();
    assertThatThrownBy(() -> table(true).row("other"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("other")
        .hasMessageContaining("base");
  }
}
