package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * A loop looks while outcomes come soon, and its looks in vain take a tenth of its time at most.
 */
class LingerTest {

  private static final long NANOS = 10_000;
  private static final long CHAIN_NANOS = 1_000_000;

  /** Between two looks of a loop that has nothing else to do. */
  private static final long STEP = 1_000;

  /** Taken by another task of the loop. */
  private static final long OTHER_WORK = 100_000;

  private static final long SHORT_GAP = NANOS;
  private static final long LONG_GAP = 10 * NANOS;

  private final Linger linger = new Linger(NANOS, CHAIN_NANOS);
  private long now = -5 * NANOS; // the clock may start anywhere, and pass zero

  private boolean looksAgain(boolean found) {
    now += STEP;
    return linger.again(found, now);
  }

  private void begins() {
    assertThat(looksAgain(true)).isTrue();
    assertThat(linger.isLooking()).isTrue();
  }

  /** Looks in vain for as long as the loop may. */
  private void misses() {
    begins();
    for (long looked = STEP; looked < NANOS; looked += STEP) {
      assertThat(looksAgain(false)).isTrue();
    }
    assertThat(looksAgain(false)).isFalse();
    assertThat(linger.isLooking()).isFalse();
  }

  private void gaps(int many, long nanos) {
    for (int i = 0; i < many; i++) {
      linger.gap(nanos);
      now += nanos;
    }
  }

  @Test
  void aMissEndsTheLooksUntilGapsAreShort() {
    misses();
    assertThat(looksAgain(true)).isFalse();
    gaps(5, LONG_GAP);
    assertThat(looksAgain(true)).isFalse();
    gaps(2, SHORT_GAP);
    begins();
  }

  @Test
  void longGapsEndTheLooksWithoutAMiss() {
    gaps(20, SHORT_GAP);
    begins();
    linger.end();
    gaps(3, LONG_GAP);
    assertThat(looksAgain(true)).isFalse();
  }

  /** Gaps that count as short because of the wake, though the looks are too short for them. */
  @Test
  void looksInVainTakeATenthOfTheTimeAtMost() {
    long begun = now;
    long lost = 0;
    for (int round = 0; round < 100_000; round++) {
      boolean looks = looksAgain(true);
      long since = now;
      while (looks) {
        looks = looksAgain(false);
      }
      lost += now - since;
      gaps(1, 2 * NANOS);
    }
    assertThat(lost).isBetween((now - begun) / 20, (now - begun) / 10 + 4 * NANOS);
  }

  @Test
  void eachOutcomeGivesTheNextAsMuchTime() {
    begins();
    for (int outcome = 0; outcome < 5; outcome++) {
      for (long looked = STEP; looked < NANOS; looked += STEP) {
        assertThat(looksAgain(false)).isTrue();
      }
      assertThat(looksAgain(true)).isTrue();
    }
  }

  /** The loop's I/O waits while looks follow one another; that it has its turn is no miss. */
  @Test
  void looksEndAfterAWhileThoughOutcomesKeepComing() {
    for (int times = 0; times < 3; times++) {
      begins();
      for (long looked = STEP; looked < CHAIN_NANOS; looked += STEP) {
        assertThat(looksAgain(true)).isTrue();
      }
      assertThat(looksAgain(true)).isFalse();
      assertThat(linger.isLooking()).isFalse();
    }
  }

  @Test
  void aLoopWithOtherWorkGivesUpAtOnce() {
    int tries = 0;
    long begun = now;
    for (int round = 0; round < 10_000; round++) {
      gaps(2, SHORT_GAP);
      if (looksAgain(true)) {
        tries++;
        now += OTHER_WORK;
        assertThat(looksAgain(false)).isFalse();
      }
    }
    assertThat(tries).isBetween(1, (int) ((now - begun) / (10 * NANOS)) + 4);
  }

  @Test
  void whatIsFoundAfterOtherWorkCounts() {
    begins();
    now += OTHER_WORK;
    assertThat(looksAgain(true)).isTrue();
    assertThat(looksAgain(false)).isTrue();
  }

  /** The time in which others had the core is no work of the loop's. */
  @Test
  void aLoopThatYieldedItsCoreLooksAgain() {
    begins();
    now += NANOS - STEP;
    linger.yielded(now);
    assertThat(looksAgain(true)).isTrue();
    assertThat(looksAgain(false)).isTrue();
  }

  @Test
  void aCoreThatStaysAwayForLongIsPaidThoughAnOutcomeCame() {
    long begun = now;
    int tries = 0;
    for (int round = 0; round < 10_000; round++) {
      gaps(2, SHORT_GAP);
      if (looksAgain(true)) {
        tries++;
        now += OTHER_WORK;
        linger.yielded(now);
        assertThat(looksAgain(true)).isTrue();
        linger.end();
      }
    }
    assertThat(tries).isBetween(10, (int) ((now - begun) / (10 * OTHER_WORK)) + 4);
  }

  @Test
  void whereNoOutcomeIsExpectedTheEndIsNoMiss() {
    for (int times = 0; times < 20; times++) {
      begins();
      linger.end();
      assertThat(linger.isLooking()).isFalse();
    }
  }

  /** A drain that the loop's own flush brought shows nothing about when outcomes come. */
  @Test
  void onlyAWakeShowsAGap() {
    now = System.nanoTime() - 100 * LONG_GAP;
    misses();
    assertThat(looksAgain(true)).isFalse();
    linger.drains(false);
    gaps(1, SHORT_GAP);
    begins();
    linger.end();
    gaps(1, LONG_GAP);
    assertThat(looksAgain(true)).isFalse();
    linger.drains(true);
    gaps(1, SHORT_GAP);
    assertThat(looksAgain(true)).isFalse();
  }

  @Test
  void zeroNeverLooks() {
    Linger never = new Linger(0, CHAIN_NANOS);
    for (int chance = 0; chance < 100; chance++) {
      assertThat(never.again(true)).isFalse();
      assertThat(never.again(false)).isFalse();
      assertThat(never.isLooking()).isFalse();
    }
  }
}
