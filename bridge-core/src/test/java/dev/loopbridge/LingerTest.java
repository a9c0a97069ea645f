package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The more often in a row a loop has looked in vain, the more seldom it looks. */
class LingerTest {

  // Longer than any test: what is over was over when it began.
  private static final long NANOS = TimeUnit.HOURS.toNanos(2);
  private static final long CHAIN_NANOS = TimeUnit.HOURS.toNanos(1);

  private final Linger linger = new Linger(NANOS, CHAIN_NANOS);

  /** Looks in vain for as long as is allowed; how many chances were passed over before. */
  private int missAfter() {
    int skipped = 0;
    while (!linger.begin(System.nanoTime() - NANOS)) {
      skipped++;
    }
    assertThat(linger.isLooking()).isTrue();
    assertThat(linger.again(false)).isFalse();
    assertThat(linger.isLooking()).isFalse();
    return skipped;
  }

  @Test
  void missesInARowMakeLooksSeldomButNeverEndThem() {
    int[] skipped = IntStream.range(0, 13).map(miss -> missAfter()).toArray();
    assertThat(skipped).containsExactly(0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1023, 1023);
  }

  @Test
  void oneAnswerMakesUpForAllMisses() {
    for (int miss = 0; miss < 5; miss++) {
      missAfter();
    }
    for (int chance = 0; chance < 31; chance++) {
      assertThat(linger.begin(System.nanoTime())).isFalse();
    }
    assertThat(linger.begin(System.nanoTime())).isTrue();
    assertThat(linger.again(true)).isTrue();
    linger.end();
    assertThat(missAfter()).isZero();
    assertThat(missAfter()).isEqualTo(1);
  }

  @Test
  void anAnswerGivesTheNextAsMuchTime() {
    assertThat(linger.begin(System.nanoTime() - CHAIN_NANOS / 2)).isTrue();
    assertThat(linger.again(false)).isTrue();
    assertThat(linger.again(true)).isTrue();
    Linger late = new Linger(CHAIN_NANOS, NANOS);
    assertThat(late.begin(System.nanoTime() - CHAIN_NANOS)).isTrue();
    assertThat(late.again(true)).isTrue();
    assertThat(late.again(false)).isTrue();
  }

  /** The loop's I/O waits while looks follow one another; that it has its turn is no miss. */
  @Test
  void looksEndAfterAWhileThoughAnswersKeepComing() {
    for (boolean found : new boolean[] {true, false, true}) {
      assertThat(linger.begin(System.nanoTime() - CHAIN_NANOS)).isTrue();
      assertThat(linger.again(found)).isFalse();
      assertThat(linger.isLooking()).isFalse();
    }
    assertThat(linger.begin(System.nanoTime())).isTrue();
  }

  @Test
  void aDrainThatWasNoLookIsAChanceToBegin() {
    assertThat(linger.again(true)).isTrue();
    assertThat(linger.isLooking()).isTrue();
    linger.end();
    missAfter();
    assertThat(linger.again(true)).isFalse();
    assertThat(linger.again(false)).isTrue();
  }

  @Test
  void looksThatHaveBegunDoNotBeginAgain() {
    assertThat(linger.begin(System.nanoTime() - NANOS)).isTrue();
    assertThat(linger.begin(System.nanoTime())).isFalse();
    assertThat(linger.again(false)).isFalse();
  }

  @Test
  void whereNoAnswerIsExpectedTheEndIsNoMiss() {
    for (int times = 0; times < 3; times++) {
      assertThat(linger.begin(System.nanoTime())).isTrue();
      linger.end();
      assertThat(linger.isLooking()).isFalse();
    }
  }

  @Test
  void zeroNeverLooks() {
    Linger never = new Linger(0, CHAIN_NANOS);
    for (int chance = 0; chance < 5_000; chance++) {
      assertThat(never.begin(System.nanoTime())).isFalse();
      assertThat(never.again(true)).isFalse();
      assertThat(never.again(false)).isFalse();
      assertThat(never.isLooking()).isFalse();
    }
  }
}
