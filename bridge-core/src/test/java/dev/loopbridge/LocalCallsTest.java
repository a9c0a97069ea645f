package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.is;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** Calls whose futures their owner loop drives. */
class LocalCallsTest extends LoopScene {

  private final NativeFunction<Long> add =
      runtime.function("localAdd", Long.class, long.class, long.class);

  private NativeCall<Void> sleep(long millis) {
    return runtime.function("localSleep", Void.class, long.class).call(millis);
  }

  private NativeCall<Void> never() {
    return runtime.function("localNever", Void.class).call();
  }

  private NativeCall<Void> watched() {
    return runtime.function("localWatched", Void.class).call();
  }

  @Test
  void readyAtTheFirstPollItHasSettledWhenItsStartReturns() throws Exception {
    run(add.call(1L, 2L)); // opens the port
    RuntimeMetrics before = runtime.metrics();
    CompletableFuture<Long> sum =
        onLoop(
            () -> {
              CompletableFuture<Long> started = add.call(40L, 2L).toFuture(loop);
              assertThat(started).isCompletedWithValue(42L);
              return started;
            });
    assertThat(sum).isCompletedWithValue(42L);
    RuntimeMetrics after = runtime.metrics();
    assertThat(after.submissions()).isEqualTo(before.submissions());
    assertThat(after.completions()).isEqualTo(before.completions());
    assertThat(after.wakes()).isEqualTo(before.wakes());
    assertThat(after.tasksSpawned()).isEqualTo(before.tasksSpawned());
    assertThat(after.localPolls()).isEqualTo(before.localPolls() + 1);
    assertThat(after.readyAtFirstPoll()).isEqualTo(before.readyAtFirstPoll() + 1);
  }

  @Test
  void itsTimersRunAndItStaysOnItsThread() throws Exception {
    assertThat(run(runtime.function("localStays", Long.class, long.class).call(5L))).isEqualTo(5);
    assertThat(runtime.metrics().tasksSpawned()).isZero();
  }

  @Test
  void bytesAreLentAndGivenBack() throws Exception {
    NativeFunction<Long> sum = runtime.function("localSum", Long.class, ByteBuf.class, long.class);
    ByteBuf ones = Unpooled.directBuffer(5_000).writeZero(5_000);
    ones.setByte(4_999, 7);
    for (long millis : new long[] {0, 2}) {
      assertThat(run(sum.call(ones, millis))).isEqualTo(7);
    }
    Builtin.awaitNothingLeft(runtime);
    assertThat(ones.refCnt()).isEqualTo(1);
    NativeFunction<ByteBuf> echo = runtime.function("localEcho", ByteBuf.class, ByteBuf.class);
    ByteBuf echoed = run(echo.call(ones));
    assertThat(echoed).isEqualTo(ones);
    echoed.release();
    ones.release();
  }

  @Test
  void wakesBetweenTwoPollsMakeOneDrain() throws Exception {
    NativeFunction<Long> wait = runtime.function("localWait", Long.class);
    NativeFunction<Boolean> wake = runtime.function("localWake", Boolean.class, long.class);
    run(add.call(1L, 2L));
    for (long wakes : new long[] {1, 10, 1_000}) {
      CompletableFuture<Long> polls = wait.call().toFuture(loop);
      CountDownLatch release = new CountDownLatch(1);
      OnLoop.turn(loop); // started
      loop.execute(Builtin.blockedUntil(release));
      RuntimeMetrics before = runtime.metrics();
      assertThat(wake.call(wakes).await()).isTrue();
      release.countDown();
      assertThat(polls.get(30, TimeUnit.SECONDS)).as("%d wakes", wakes).isEqualTo(2);
      RuntimeMetrics after = runtime.metrics();
      assertThat(after.localPolls()).isEqualTo(before.localPolls() + 1);
    }
  }

  @Test
  void aFutureThatWakesItselfGoesBehindTheLoopsOtherTasks() throws Exception {
    NativeFunction<Long> yield = runtime.function("localYieldTimes", Long.class, long.class);
    run(add.call(1L, 2L));
    RuntimeMetrics before = runtime.metrics();
    List<String> order = new ArrayList<>();
    CompletableFuture<Long> yielded =
        onLoop(
            () -> {
              loop.execute(() -> order.add("task before"));
              CompletableFuture<Long> started = yield.call(3L).toFuture(loop);
              started.thenRun(() -> order.add("future"));
              loop.execute(() -> order.add("task after"));
              return started;
            });
    assertThat(yielded.get(30, TimeUnit.SECONDS)).isEqualTo(3);
    OnLoop.turn(loop);
    assertThat(order).containsExactly("task before", "task after", "future");
    RuntimeMetrics after = runtime.metrics();
    assertThat(after.localPolls()).isEqualTo(before.localPolls() + 4);
    assertThat(after.wakes()).as("upcalls").isEqualTo(before.wakes());
    assertThat(after.completions()).as("records").isEqualTo(before.completions());
  }

  @Test
  void tokiosBudgetNeitherStarvesNorSpinsIt() throws Exception {
    run(add.call(1L, 2L));
    RuntimeMetrics before = runtime.metrics();
    NativeFunction<Long> ready = runtime.function("localReady", Long.class, long.class);
    assertThat(run(ready.call(1_000L))).isEqualTo(1_000);
    assertThat(runtime.metrics().localPolls()).isEqualTo(before.localPolls() + 1);
  }

  @Test
  void aCancelDropsItOnItsLoopInTokiosContext() throws Exception {
    long atHome = counted("droppedAtHome");
    long elsewhere = counted("droppedElsewhere");
    long ran = counted("runFromDrops");
    List<CompletableFuture<Void>> pending = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      pending.add(watched().toFuture(loop));
    }
    Builtin.eventually().until(() -> runtime.metrics().liveLocalFutures() == 20);
    pending.forEach(stage -> stage.cancel(false));
    Builtin.awaitNothingLeft(runtime);
    assertThat(counted("droppedAtHome")).isEqualTo(atHome + 20);
    assertThat(counted("droppedElsewhere")).isEqualTo(elsewhere);
    Builtin.eventually().until(() -> counted("runFromDrops") == ran + 20);
  }

  @Test
  void aCancelBetweenTheWakeAndThePollIsNotLost() throws Exception {
    NativeFunction<Long> wait = runtime.function("localWait", Long.class);
    NativeFunction<Boolean> wake = runtime.function("localWake", Boolean.class, long.class);
    for (int round = 0; round < 200; round++) {
      CompletableFuture<Long> polls = wait.call().toFuture(loop);
      OnLoop.turn(loop);
      CountDownLatch release = new CountDownLatch(1);
      loop.execute(Builtin.blockedUntil(release));
      loop.execute(() -> polls.cancel(false)); // before the drain that the wake asks for
      wake.call(1L).await();
      release.countDown();
      assertThat(run(add.call(1L, 1L))).isEqualTo(2);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aCallThatItsOwnPollCancels() throws Exception {
    CompletableFuture<Long> gate = new CompletableFuture<>();
    AtomicReference<CompletableFuture<Long>> own = new AtomicReference<>();
    JavaHandler<Long, Long> cancelling =
        JavaHandler.stage(
            Long.class,
            Long.class,
            number -> {
              if (number == 1) {
                own.get().cancel(false);
              }
              return number == 0 ? gate : CompletableFuture.completedFuture(number);
            });
    own.set(askInTurn(3, cancelling).toFuture(loop));
    Builtin.eventually().until(() -> runtime.metrics().liveInvocations() == 1);
    gate.complete(0L);
    Builtin.eventually().until(() -> own.get().isDone());
    assertThat(own.get()).isCancelled();
    Builtin.awaitNothingLeft(runtime);
  }

  private NativeCall<Long> askInTurn(long times, JavaHandler<Long, Long> handler) {
    return runtime
        .function("localAskInTurn", Long.class, long.class, JavaHandler.class)
        .call(times, handler);
  }

  @Test
  void aHandlerOfItsOwnLoopIsCalledWithinThePoll() throws Exception {
    run(add.call(1L, 2L));
    RuntimeMetrics before = runtime.metrics();
    JavaHandler<Long, Long> doubling =
        JavaHandler.of(
            Long.class,
            Long.class,
            number -> {
              assertThat(loop.inLoop()).isTrue();
              return 2 * number;
            });
    CompletableFuture<Long> sum =
        onLoop(
            () -> {
              CompletableFuture<Long> started = askInTurn(100, doubling).toFuture(loop);
              assertThat(started).isCompletedWithValue(9_900L);
              RuntimeMetrics after = runtime.metrics();
              assertThat(after.completions()).as("records up").isEqualTo(before.completions());
              assertThat(after.submissions()).as("down").isEqualTo(before.submissions());
              assertThat(after.localPolls()).isEqualTo(before.localPolls() + 1);
              return started;
            });
    assertThat(sum).isCompletedWithValue(9_900L);
    Builtin.awaitNothingLeft(runtime);
    RuntimeMetrics after = runtime.metrics();
    assertThat(after.completions())
        .as("the release of the handler")
        .isEqualTo(before.completions() + 1);
    assertThat(after.wakes()).as("with a wake").isEqualTo(before.wakes() + 1);
  }

  @Test
  void aHandlerThatThrowsWithinThePoll() {
    IllegalStateException thrown = new IllegalStateException("as planned");
    JavaHandler<Long, Long> throwing =
        JavaHandler.of(
            Long.class,
            Long.class,
            number -> {
              throw thrown;
            });
    assertThatThrownBy(() -> run(askInTurn(1, throwing))).cause().isSameAs(thrown);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aHandlerWithinThePollMayCallRustAgain() throws Exception {
    AtomicInteger depth = new AtomicInteger();
    AtomicReference<JavaHandler<Long, Long>> self = new AtomicReference<>();
    self.set(
        JavaHandler.stage(
                Long.class,
                Long.class,
                number -> {
                  NativeCall<Long> next =
                      depth.incrementAndGet() < 10 ? askInTurn(1, self.get()) : add.call(20L, 22L);
                  return next.toFuture(loop).thenApply(value -> value + number);
                })
            .atOnce(1));
    assertThat(run(askInTurn(1, self.get()))).isEqualTo(42);
    assertThat(depth).hasValue(10);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aHandlerThatAnswersLaterResumesIt() throws Exception {
    JavaHandler<Long, Long> later =
        JavaHandler.stage(
            Long.class, Long.class, number -> sleep(1).toFuture(loop).thenApply(nothing -> number));
    assertThat(run(askInTurn(5, later))).isEqualTo(10);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void deeplyNestedStartsDoNotExhaustTheStack() throws Exception {
    AtomicInteger left = new AtomicInteger(100_000);
    CompletableFuture<Void> done = new CompletableFuture<>();
    Port port = runtime.on(loop);
    NativeCall<Long> call = add.call(1L, 1L);
    RawCallback next =
        new RawCallback() {
          @Override
          public void settled(long ticket, NativeResult result) {
            assertThat(result.longValue()).isEqualTo(2);
            if (left.decrementAndGet() > 0) {
              call.start(port, this);
            } else {
              done.complete(null);
            }
          }
        };
    loop.execute(() -> call.start(port, next));
    done.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aResultSurvivesTheCallsThatItsCallbackStarts() throws Exception {
    Port port = runtime.on(loop);
    CompletableFuture<List<Long>> seen = new CompletableFuture<>();
    loop.execute(
        () ->
            add.call(1L, 2L)
                .start(
                    port,
                    (ticket, result) -> {
                      List<Long> values = new ArrayList<>();
                      add.call(10L, 20L)
                          .start(port, (other, inner) -> values.add(inner.longValue()));
                      values.add(result.longValue());
                      seen.complete(values);
                    }));
    assertThat(seen.get(30, TimeUnit.SECONDS)).containsExactly(30L, 3L);
  }

  @Test
  void aLoopWithoutAThreadOfItsOwnIsRefused() {
    NettyLoop global = NettyLoop.of(GlobalEventExecutor.INSTANCE);
    assertThatThrownBy(() -> add.call(1L, 2L).toFuture(global).get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(WrongLoopException.class)
        .hasMessageContaining("localAdd is loop-driven")
        .hasMessageContaining("hasOneThread");
  }

  @Test
  void manyAtOnceCancelledAtRandom() throws Exception {
    List<CompletableFuture<Void>> pending = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      pending.add(sleep(i % 7).toFuture(loop));
      if (i % 3 == 0) {
        pending.get(i / 2).cancel(false);
      }
      if (i % 500 == 499) {
        Builtin.awaitNothingLeft(runtime);
      }
    }
    Builtin.awaitNothingLeft(runtime);
    Builtin.eventually().until(() -> pending.stream().allMatch(CompletableFuture::isDone));
    never().toFuture(loop).cancel(false);
  }

  @Test
  void oneThatWakesItselfOnALoopThatTakesNoTaskOfItsOwn() throws Exception {
    FailingLoop failing = new FailingLoop(loop, new OutOfMemoryError("as planned"));
    NativeFunction<Long> yield = runtime.function("localYieldTimes", Long.class, long.class);
    CompletableFuture<Long> yielded = yield.call(3L).toFuture(failing);
    assertThat(yielded.get(30, TimeUnit.SECONDS)).isEqualTo(3);
    assertThat(failing.failures).hasPositiveValue();
    Builtin.awaitNothingLeft(runtime);
  }

  /**
   * An exception of a callback is logged; when the log throws too, other calls must settle all the
   * same.
   */
  @Test
  void callbacksThatThrowWithALogThatDoesToo() throws Exception {
    Port port = runtime.on(loop);
    NativeFunction<Long> yield = runtime.function("localYieldTimes", Long.class, long.class);
    AtomicInteger settled = new AtomicInteger();
    RawCallback throwing =
        (ticket, result) -> {
          settled.incrementAndGet();
          throw new IllegalArgumentException("as planned");
        };
    withBrokenLog(
        () -> {
          onLoop(
              () -> {
                for (int i = 0; i < 5; i++) {
                  yield.call(1L).start(port, throwing);
                }
                add.call(1L, 2L).start(port, throwing);
                return null;
              });
          Builtin.eventually().untilAtomic(settled, is(6));
        });
    Builtin.awaitNothingLeft(runtime);
    CompletableFuture<Void> one = never().toFuture(loop);
    CompletableFuture<Void> two = never().toFuture(loop);
    OnLoop.turn(loop);
    assertThat(runtime.metrics().liveCalls()).isEqualTo(2);
    one.cancel(false);
    two.cancel(false);
  }

  @Test
  void aNestedHandlerThatAnswersAndThrowsAnswersForNoOther() throws Exception {
    JavaHandler<Long, Long> inner =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              answer.value(7L);
              throw new IllegalArgumentException("as planned");
            });
    JavaHandler<Long, Long> outer =
        JavaHandler.of(
            Long.class,
            Long.class,
            number -> {
              askInTurn(1, inner).toFuture(loop);
              return 100L;
            });
    withBrokenLog(() -> assertThat(run(askInTurn(1, outer))).isEqualTo(100));
    Builtin.awaitNothingLeft(runtime);
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void withBrokenLog(Step step) throws Exception {
    Logger logger = Logger.getLogger(Port.class.getName());
    Handler broken =
        new Handler() {
          @Override
          public void publish(LogRecord entry) {
            throw new IllegalStateException("the log is broken, as planned");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(broken);
    try {
      step.run();
    } finally {
      logger.removeHandler(broken);
    }
  }
}
