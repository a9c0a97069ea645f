package dev.loopbridge.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests which arms run, and what counts as their CPU time. */
class HarnessTest {

  private static final long SECOND = 1_000_000_000;

  /** An arm whose one operation takes a second of another process. */
  private static final class Far implements Arm {

    private final String name;
    private long children;

    Far(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public long run(long nanos) {
      children += SECOND;
      return 1;
    }

    @Override
    public long childrenCpuNanos() {
      return children;
    }
  }

  private static Table compare(Set<String> only) throws Exception {
    return new Harness(Effort.TRIAL, only)
        .compare("far", "Far", "Java", List.of(new Far("bridge raw"), new Far("Java")));
  }

  @Test
  void theTimeOfProcessesThatWorkForAnArmIsItsOwn() throws Exception {
    Table table = compare(Set.of());
    assertThat(table.rows()).extracting(Table.Row::arm).containsExactly("bridge raw", "Java");
    assertThat(table.row("Java").median(Harness.CPU)).isBetween(1.0 * SECOND, 1.5 * SECOND);
    assertThat(table.row("Java").median(Harness.NANOS)).isLessThan(0.5 * SECOND);
  }

  @Test
  void runsOnlyTheArmsThatAreAskedFor() throws Exception {
    Table table = compare(Set.of("raw"));
    assertThat(table.rows()).extracting(Table.Row::arm).containsExactly("bridge raw");
    assertThat(Grid.of(table).heading()).doesNotContain("ratio");
  }
}
