package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When a drain that waits is told, look by look. */
class DrainWatchTest {

  private static final int MANY = 5;

  private final DrainWatch watch = new DrainWatch();

  private int looksUntilTold(boolean late) {
    for (int look = 1; look <= 4 * MANY; look++) {
      if (watch.waitedThrough(MANY, late)) {
        return look;
      }
    }
    return 0;
  }

  @Test
  void aDrainThatHasWaitedThroughSoManyLooksIsToldOnce() {
    assertThat(watch.isWaiting()).isFalse();
    watch.puts();
    assertThat(watch.isWaiting()).isTrue();
    assertThat(looksUntilTold(false)).as("the first look and five more").isEqualTo(1 + MANY);
    assertThat(watch.isWaiting()).as("there is nothing more to look for").isFalse();
    assertThat(looksUntilTold(false)).isZero();
    watch.begins();
    watch.puts();
    assertThat(watch.isWaiting()).isTrue();
    assertThat(looksUntilTold(false)).as("the next time it stands still").isEqualTo(1 + MANY);
  }

  @Test
  void aLoopThatRunsItsDrainsIsNeverTold() {
    for (int i = 0; i < 4 * MANY; i++) {
      watch.puts();
      assertThat(watch.waitedThrough(MANY, false)).isFalse();
      watch.begins();
      assertThat(watch.isWaiting()).isFalse();
      assertThat(watch.waitedThrough(MANY, false)).isFalse();
    }
    assertThat(watch.thread()).isSameAs(Thread.currentThread());
  }

  /** As in a debugger, or on a machine that was asleep. */
  @Test
  void looksThatComeLateSayNothing() {
    watch.puts();
    assertThat(looksUntilTold(true)).isZero();
    assertThat(looksUntilTold(false)).isEqualTo(MANY);
  }
}
