package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The more often a loop has looked in vain, the more seldom it looks. */
class LingerTest {

  private static final long NANOS = 10_000;
  private static final long CHAIN_NANOS = 1_000_000;

  /** Between two looks of a loop that has nothing else to do. */
  private static final long STEP = 1_000;

  /** Taken by another task of the loop. */
  private static final long OTHER_WORK = 100_000;

  private final Linger linger = new Linger(NANOS, CHAIN_NANOS);
  private long now = -5 * NANOS; // the clock may start anywhere, and pass zero

  /** Begins to look; how many chances were passed over before. */
  private int begins() {
    int skipped = 0;
    while (!linger.begin(now)) {
      skipped++;
    }
    assertThat(linger.isLooking()).isTrue();
    return skipped;
  }

  private boolean looksAgain(boolean found) {
    now += STEP;
    return linger.again(found, now);
  }

  /** Looks in vain for as long as is allowed; how many chances were passed over before. */
  private int missAfter() {
    int skipped = begins();
    for (long looked = STEP; looked < NANOS; looked += STEP) {
      assertThat(looksAgain(false)).isTrue();
    }
    assertThat(looksAgain(false)).isFalse();
    assertThat(linger.isLooking()).isFalse();
    return skipped;
  }

  @Test
  void missesMakeLooksSeldomButNeverEndThem() {
    int[] skipped = IntStream.range(0, 13).map(miss -> missAfter()).toArray();
    assertThat(skipped).containsExactly(0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1023, 1023);
  }

  @Test
  void eachAnswerMakesUpForHalfOfTheMisses() {
    for (int miss = 0; miss < 4; miss++) {
      missAfter();
    }
    assertThat(begins()).isEqualTo(15);
    assertThat(looksAgain(true)).isTrue(); // 4 misses become 2
    linger.end();
    assertThat(missAfter()).isZero(); // 3
    assertThat(begins()).isEqualTo(7);
    assertThat(looksAgain(true)).isTrue(); // 1
    assertThat(looksAgain(true)).isTrue(); // none
    linger.end();
    assertThat(missAfter()).isZero();
    assertThat(missAfter()).isEqualTo(1);
  }

  @Test
  void anAnswerGivesTheNextAsMuchTime() {
    begins();
    for (int answer = 0; answer < 5; answer++) {
      for (long looked = STEP; looked < NANOS; looked += STEP) {
        assertThat(looksAgain(false)).isTrue();
      }
      assertThat(looksAgain(true)).isTrue();
    }
  }

  /** The loop's I/O waits while looks follow one another; that it has its turn is no miss. */
  @Test
  void looksEndAfterAWhileThoughAnswersKeepComing() {
    for (int times = 0; times < 3; times++) {
      assertThat(begins()).isZero();
      for (long looked = STEP; looked < CHAIN_NANOS; looked += STEP) {
        assertThat(looksAgain(true)).isTrue();
      }
      assertThat(looksAgain(true)).isFalse();
      assertThat(linger.isLooking()).isFalse();
    }
  }

  @Test
  void aLoopWithOtherWorkGivesUpAtOnceAndForLonger() {
    begins();
    assertThat(looksAgain(false)).isTrue();
    now += OTHER_WORK;
    assertThat(looksAgain(false)).isFalse();
    assertThat(begins()).isEqualTo(15);
  }

  @Test
  void whatIsFoundAfterOtherWorkCounts() {
    begins();
    now += OTHER_WORK;
    assertThat(looksAgain(true)).isTrue();
    assertThat(looksAgain(false)).isTrue();
  }

  @Test
  void aDrainThatWasNoLookIsAChanceToBegin() {
    assertThat(looksAgain(true)).isTrue();
    assertThat(linger.isLooking()).isTrue();
    linger.end();
    missAfter();
    assertThat(looksAgain(true)).isFalse();
    assertThat(looksAgain(false)).isTrue();
  }

  @Test
  void looksThatHaveBegunDoNotBeginAgain() {
    begins();
    assertThat(linger.begin(now + NANOS)).isFalse();
    assertThat(missesAfterLimit()).isTrue();
  }

  private boolean missesAfterLimit() {
    boolean again = true;
    for (long looked = 0; looked < NANOS; looked += STEP) {
      again = looksAgain(false);
    }
    return !again;
  }

  @Test
  void whereNoAnswerIsExpectedTheEndIsNoMiss() {
    for (int times = 0; times < 3; times++) {
      assertThat(begins()).isZero();
      linger.end();
      assertThat(linger.isLooking()).isFalse();
    }
  }

  @Test
  void zeroNeverLooks() {
    Linger never = new Linger(0, CHAIN_NANOS);
    for (int chance = 0; chance < 5_000; chance++) {
      assertThat(never.begin(chance)).isFalse();
      assertThat(never.again(true)).isFalse();
      assertThat(never.again(false)).isFalse();
      assertThat(never.isLooking()).isFalse();
    }
  }
}
