package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RuntimeMetricsTest {

  /**
   * Each counter of either side has a value of its own here, so that none can stand for another.
   */
  private static RuntimeMetrics counted() {
    long[] java = LongStream.range(1_000, 1_000 + PortCounters.COUNTERS).toArray();
    long[] rust = LongStream.range(2_000, 2_000 + RustCounter.COUNT).toArray();
    return new RuntimeMetrics(java, rust);
  }

  @Test
  void textHasEachCounterOnceByName() {
    String text = counted().toString();
    assertThat(text).startsWith("RuntimeMetrics[").endsWith("]").contains("liveCalls=1001, ");
    String[] counters = text.substring(text.indexOf('[') + 1, text.length() - 1).split(", ");
    // Rust counts upcalls and doorbells too, for tests of its own.
    assertThat(counters).hasSize(PortCounters.COUNTERS + RustCounter.COUNT - 2).isSorted();
    assertThat(Arrays.stream(counters).map(counter -> counter.split("=")[1]))
        .doesNotHaveDuplicates();
  }
}
