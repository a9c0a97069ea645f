package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Rust awaits the answers of Java handlers: where a body runs, what answers, and how often an
 * invocation crosses.
 */
class JavaHandlerTest extends HandlerScene {

  @Test
  void aBodyRunsOnTheLoopThatOwnsTheCall() throws Exception {
    AtomicBoolean onLoop = new AtomicBoolean();
    JavaHandler<Long, Long> doubled =
        longs(
            number -> {
              onLoop.set(loop.inLoop());
              return 2 * number;
            });
    assertThat(run(ask.call(21L, doubled))).isEqualTo(42);
    assertThat(onLoop).isTrue();
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aStageAnswersWhenItCompletesWhereverThatIs() throws Exception {
    JavaHandler<Long, Long> elsewhere =
        stages(number -> CompletableFuture.supplyAsync(() -> number + 1));
    assertThat(run(ask.call(1L, elsewhere))).isEqualTo(2);
  }

  @Test
  void theFirstAnswerCounts() throws Exception {
    List<Boolean> answered = new ArrayList<>();
    JavaHandler<Long, Long> twice =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              answered.add(answer.isSettled());
              answered.add(answer.value(1L));
              answered.add(answer.value(2L));
              answered.add(answer.error(new IOException()));
              answered.add(answer.isSettled());
              return null;
            });
    assertThat(run(ask.call(0L, twice))).isEqualTo(1);
    assertThat(answered).containsExactly(false, true, false, false, true);
  }

  @Test
  void aBodyMayNotWaitOnItsLoop() {
    JavaHandler<Long, Long> waits =
        longs(number -> start(ask.call(number, longs(Function.identity()))).join());
    assertThat(failure(ask.call(1L, waits))).isInstanceOf(BlockingOnLoopException.class);
    Builtin.awaitNothingLeft(runtime);
  }

  // Handlers that are passed on

  @Test
  void aHandlerMayStartCallsAndBePassedOn() throws Exception {
    AtomicReference<JavaHandler<Long, Long>> self = new AtomicReference<>();
    self.set(
        stages(
            depth ->
                depth == 0
                    ? CompletableFuture.completedFuture(100L)
                    : start(ask.call(depth - 1, self.get())).thenApply(sum -> sum + depth)));
    assertThat(run(ask.call(5L, self.get()))).isEqualTo(115);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void rustMayKeepAHandlerPastItsCall() throws Exception {
    run(
        runtime
            .function("keepHandler", Void.class, JavaHandler.class)
            .call(longs(number -> number + 1)));
    assertThat(runtime.metrics().heldObjects()).isEqualTo(1);
    NativeFunction<Long> askKept = runtime.function("askKept", Long.class, long.class);
    assertThat(run(askKept.call(1L))).isEqualTo(2);
    try (NativeRuntime other = Builtin.runtime()) {
      // The handler is passed to a call of another loop, and to a call of another runtime.
      assertThat(
              other
                  .function("askKept", Long.class, long.class)
                  .call(2L)
                  .toFuture()
                  .get(30, TimeUnit.SECONDS))
          .isEqualTo(3);
    }
    run(runtime.function("forgetHandler", Void.class).call());
    Builtin.awaitNothingLeft(runtime);
  }

  // Limits and counts

  @Test
  void noMoreInvocationsThanAllowedAreUnderWay() throws Exception {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    JavaHandler<Long, Long> counting =
        stages(
            number -> {
              most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              CompletableFuture<Long> answer = new CompletableFuture<>();
              loop.execute(
                  () -> {
                    underWay.decrementAndGet();
                    answer.complete(number);
                  });
              return answer;
            });
    NativeFunction<Long> askAtOnce = longs("askAtOnce");
    assertThat(run(askAtOnce.call(1_000L, counting.atOnce(4)))).isEqualTo(499_500);
    assertThat(most.get()).isBetween(1, 4);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anAnswerThatIsThereTakesOneRecordEachWay() throws Exception {
    NativeFunction<Long> askInTurn = longs("askInTurn");
    RuntimeMetrics before = runtime.metrics();
    assertThat(run(askInTurn.call(100L, longs(number -> 1L)))).isEqualTo(100);
    Builtin.awaitNothingLeft(runtime);
    RuntimeMetrics after = runtime.metrics();
    // Records up: 100 requests, the outcome, and the release of the handler. Down: the call and its
    // 100 answers.
    assertThat(after.submissions() - before.submissions()).isEqualTo(101);
    assertThat(after.completions() - before.completions()).isEqualTo(102);
  }

  @Test
  void aBurstOfInvocationsCrossesSeldom() throws Exception {
    NativeFunction<Long> askAtOnce = longs("askAtOnce");
    JavaHandler<Long, Long> same = longs(Function.<Long>identity()).atOnce(1_000);
    long upcalls = Long.MAX_VALUE;
    long downcalls = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      RuntimeMetrics before = runtime.metrics();
      run(askAtOnce.call(1_000L, same));
      RuntimeMetrics after = runtime.metrics();
      upcalls = Math.min(upcalls, after.wakes() - before.wakes());
      downcalls = Math.min(downcalls, after.doorbells() - before.doorbells());
    }
    assertThat(upcalls).isLessThan(100);
    assertThat(downcalls).isLessThan(100);
  }

  @Test
  void manyHandlersAtOnceFromManyThreads() throws Exception {
    JavaHandler<Long, Long> same = longs(Function.<Long>identity()).atOnce(2);
    NativeFunction<Long> askAtOnce = longs("askAtOnce");
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      asked.add(
          CompletableFuture.supplyAsync(() -> askAtOnce.call(50L, same), ForkJoinPool.commonPool())
              .thenCompose(this::start));
    }
    for (CompletableFuture<Long> each : asked) {
      assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(1_225);
    }
    Builtin.awaitNothingLeft(runtime);
  }
}
