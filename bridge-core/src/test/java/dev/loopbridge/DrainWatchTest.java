package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A drain that waits too long is reported once, after a number of looks of the watch. */
class DrainWatchTest {

  private static final int MANY = 5;

  private final DrainWatch watch = new DrainWatch();

  private int looksUntilReport(boolean late) {
    for (int look = 1; look <= 4 * MANY; look++) {
      if (watch.waitedThrough(MANY, late)) {
        return look;
      }
    }
    return 0;
  }

  @Test
  void aDrainThatHasWaitedThroughSoManyLooksIsReportedOnce() {
    assertThat(watch.isWaiting()).isFalse();
    watch.puts();
    assertThat(watch.isWaiting()).isTrue();
    assertThat(looksUntilReport(false)).as("the first look and five more").isEqualTo(1 + MANY);
    assertThat(watch.isWaiting()).as("nothing is left to report").isFalse();
    assertThat(looksUntilReport(false)).isZero();
    watch.begins();
    watch.puts();
    assertThat(watch.isWaiting()).isTrue();
    assertThat(looksUntilReport(false)).as("the next time it stands still").isEqualTo(1 + MANY);
  }

  @Test
  void aLoopThatRunsItsDrainsIsNeverReported() {
    for (int i = 0; i < 4 * MANY; i++) {
      watch.puts();
      assertThat(watch.waitedThrough(MANY, false)).isFalse();
      watch.begins();
      assertThat(watch.isWaiting()).isFalse();
      assertThat(watch.waitedThrough(MANY, false)).isFalse();
    }
    assertThat(watch.thread()).isSameAs(Thread.currentThread());
  }

  /** Looks come late in a debugger, and after the machine was asleep. */
  @Test
  void looksThatComeLateReportNothing() {
    watch.puts();
    assertThat(looksUntilReport(true)).isZero();
    assertThat(looksUntilReport(false)).isEqualTo(MANY);
  }
}
