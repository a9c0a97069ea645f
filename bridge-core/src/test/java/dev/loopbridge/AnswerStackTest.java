package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.spi.HandlerAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A handler's answer reaches Rust, however little stack the thread has that gives it; or it throws
 * there, and can be given again.
 */
class AnswerStackTest extends HandlerScene {

  /** The last of so many levels from the end of the stack has more room than an answer needs. */
  private static final int LEVELS = 250;

  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void endOther() {
    other.shutdown();
  }

  /** Gives an answer so many levels from the end of the stack; returns whether it did not throw. */
  private static boolean given(int level, Runnable answer) {
    int[] left = {level};
    boolean[] given = {false};
    StackEnd.climb(
        level,
        1,
        () -> {
          if (--left[0] == 0) {
            try {
              answer.run();
              given[0] = true;
            } catch (StackOverflowError e) {
              // Not even its first steps had room.
            }
          }
        });
    return given[0];
  }

  private static void give(int level, Runnable answer) {
    if (!given(level, answer)) {
      answer.run();
    }
  }

  private void answersAtTheEndOfTheStackOf(Executor thread) throws Exception {
    BlockingQueue<HandlerAnswer<Long>> asked = new LinkedBlockingQueue<>();
    JavaHandler<Long, Long> later = later(Long.class, asked);
    for (String function : new String[] {"ask", "localAsk"}) {
      for (int level = 1; level < LEVELS; level++) {
        CompletableFuture<Long> call = longs(function).call(1L, later).toFuture(loop);
        HandlerAnswer<Long> answer = asked.poll(30, TimeUnit.SECONDS);
        int from = level;
        thread.execute(() -> give(from, () -> answer.value(7L)));
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
    answersAtTheEndOfTheStackOf(other);
  }

  @Test
  void anAnswerThatComesTooLateIsReleased() throws Exception {
    BlockingQueue<HandlerAnswer<ByteBuf>> asked = new LinkedBlockingQueue<>();
    NativeFunction<ByteBuf> ask =
        runtime.function("askBytes", ByteBuf.class, ByteBuf.class, JavaHandler.class);
    for (int level = 1; level < LEVELS; level++) {
      CompletableFuture<ByteBuf> call =
          ask.call(Unpooled.EMPTY_BUFFER, later(ByteBuf.class, asked)).toFuture(loop);
      HandlerAnswer<ByteBuf> answer = asked.poll(30, TimeUnit.SECONDS);
      call.cancel(false);
      Builtin.eventually().until(answer::isSettled);
      ByteBuf late = Unpooled.buffer(8);
      int from = level;
      other.submit(() -> give(from, () -> answer.value(late))).get();
      assertThat(late.refCnt()).as("at level %d", level).isZero();
    }
    Builtin.awaitNothingLeft(runtime);
  }
}
