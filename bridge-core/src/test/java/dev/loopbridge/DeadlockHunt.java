package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Random programs that submit, cancel, answer, wait and close from inside callbacks, and from
 * inside the polls of loop-driven futures, on each kind of loop. No program may wait for ever.
 *
 * <p>{@code -Dloopbridge.huntSeed=N} begins with the program of seed N, which a failure reports;
 * {@code -Dloopbridge.huntRounds=N} runs N programs.
 */
public abstract class DeadlockHunt {

  /** The limit for one program. A program takes some milliseconds; one that takes longer hangs. */
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final int ROUNDS = Integer.getInteger("loopbridge.huntRounds", 50);

  private OwnerLoop loop;

  /** Opens a loop for one program. */
  protected abstract OwnerLoop open() throws Exception;

  /** Ends the loop that {@link #open} made; may return before the loop has ended. */
  protected abstract void shutDown(OwnerLoop opened) throws Exception;

  /** Whether {@link NativeCall#await} is refused in a task of this loop. */
  protected abstract boolean refusesToWait();

  @AfterEach
  final void endLoop() throws Exception {
    shutDown(loop);
  }

  @Test
  void nothingWaitsForEver() throws Exception {
    loop = open();
    long seed = Long.getLong("loopbridge.huntSeed", ThreadLocalRandom.current().nextInt(1 << 30));
    System.out.println("deadlock hunt on " + loop + ": -Dloopbridge.huntSeed=" + seed);
    HuntTally tally = new HuntTally();
    for (int i = 0; i < ROUNDS; i++) {
      hunt(new HuntRound(seed + i, loop, refusesToWait(), tally));
    }
    assertThat(tally.withdrawn().get()).as("handlers withdrawn").isPositive();
    assertThat(tally.waited().get()).as("waits").isPositive();
    assertThat(tally.refused().get()).as("waits that were refused").isPositive();
    assertThat(tally.askedWithinPoll().get()).as("handlers asked within a poll").isPositive();
    assertThat(tally.objectsUsed().get()).as("objects of Rust's").isPositive();
  }

  private static void hunt(HuntRound round) throws InterruptedException {
    FutureTask<Void> hunt = new FutureTask<>(round::run, null);
    // On a thread of its own, since the close may hang too.
    Thread hunter = new Thread(hunt, "hunter");
    hunter.setDaemon(true);
    hunter.start();
    try {
      hunt.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("hangs for " + LIMIT + ": " + round + "\n" + ThreadDump.text());
    } catch (ExecutionException e) {
      throw new AssertionError("fails: " + round, e.getCause());
    }
  }
}
