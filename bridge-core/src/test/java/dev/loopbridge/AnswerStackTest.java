package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.spi.HandlerAnswer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A handler's answer reaches Rust, however little stack the thread has that gives it. */
class AnswerStackTest extends HandlerScene {

  /**
   * The fewest levels of {@link Descent} from the end of the stack, for the frames of three calls.
   */
  private static final int LEAST = 20;

  /** So many levels have more room than an answer needs. */
  private static final int MOST = 100;

  private final BlockingQueue<HandlerAnswer<Long>> asked = new LinkedBlockingQueue<>();

  private final JavaHandler<Long, Long> later =
      JavaHandler.answering(
          Long.class,
          Long.class,
          (number, answer) -> {
            asked.add(answer);
            return null;
          });

  /** What remains to be done at a level of a thread whose stack has come to its end. */
  private static final class Descent {

    private final Runnable task;
    private int left;

    Descent(int level, Runnable task) {
      left = level;
      this.task = task;
    }

    /** Calls itself to the end of the stack; runs the task so many levels from there, once. */
    private long descend(long a, long b, long c, long d) {
      long sum;
      try {
        sum = descend(b, c, d, a);
      } catch (StackOverflowError e) {
        sum = 0;
      }
      if (left-- == 0) {
        try {
          task.run();
        } catch (Throwable e) {
          // As a stage does with what its actions throw.
        }
      }
      return sum + (a | b) + (c | d);
    }
  }

  private void answersAtTheEndOfTheStackOf(Executor thread) throws Exception {
    for (String function : new String[] {"ask", "localAsk"}) {
      for (int level = LEAST; level < MOST; level++) {
        CompletableFuture<Long> call = longs(function).call(1L, later).toFuture(loop);
        HandlerAnswer<Long> answer = asked.poll(30, TimeUnit.SECONDS);
        Descent descent = new Descent(level, () -> answer.value(7L));
        thread.execute(() -> descent.descend(1, 2, 3, 4));
        assertThat(call.get(30, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(7);
      }
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anAnswerOfTheLoopItself() throws Exception {
    answersAtTheEndOfTheStackOf(loop.executor());
  }

  @Test
  void anAnswerOfAnotherThread() throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    answersAtTheEndOfTheStackOf(other);
    other.shutdown();
  }
}
