package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.hamcrest.Matchers.is;

import dev.loopbridge.spi.CallTarget;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the bridge requires of every owner loop, and what every owner loop gets from the bridge. */
public abstract class LoopContract {

  private NativeRuntime runtime;
  private OwnerLoop loop;

  /** Opens a loop for one test. */
  protected abstract OwnerLoop open() throws Exception;

  /** Ends the loop that {@link #open} made; may return before the loop has ended. */
  protected abstract void shutDown(OwnerLoop opened) throws Exception;

  /** Another instance that stands for the same executor. */
  protected abstract OwnerLoop again(OwnerLoop opened);

  /** Whether to wait on this loop would stop an event loop; a worker or virtual thread may wait. */
  protected boolean mayBlock() {
    return false;
  }

  @BeforeEach
  final void openLoop() throws Exception {
    runtime = Builtin.runtime();
    loop = open();
  }

  @AfterEach
  final void closeAll() throws Exception {
    shutDown(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Test
  void runsTasksInOrderAndInLoop() {
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger outside = new AtomicInteger();
    assertThat(loop.inLoop()).isFalse();
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      loop.execute(
          () -> {
            order.add(number);
            if (!loop.inLoop()) {
              outside.incrementAndGet();
            }
          });
    }
    Builtin.eventually().until(() -> order.size() == 1_000);
    assertThat(order).isEqualTo(IntStream.range(0, 1_000).boxed().toList());
    assertThat(outside).hasValue(0);
  }

  @Test
  void executeNeverRunsTheTaskInside() throws Exception {
    boolean inside =
        OnLoop.call(
            loop,
            () -> {
              boolean[] ran = new boolean[1];
              loop.execute(() -> ran[0] = true);
              return ran[0];
            });
    assertThat(inside).isFalse();
  }

  @Test
  void equalsByExecutorSoThatAPortIsShared() throws Exception {
    OwnerLoop twin = again(loop);
    assertThat(twin).isEqualTo(loop).hasSameHashCodeAs(loop);
    assertThat(runtime.on(twin)).isSameAs(runtime.on(loop));
    OwnerLoop other = open();
    try {
      assertThat(other).isNotEqualTo(loop);
    } finally {
      shutDown(other);
    }
  }

  @Test
  void reportsItsTerminationOnceAfterTheLastTask() throws Exception {
    AtomicInteger notified = new AtomicInteger();
    AtomicInteger withdrawn = new AtomicInteger();
    CountDownLatch lastTask = new CountDownLatch(1);
    loop.onTermination(
        () -> {
          assertThat(lastTask.getCount()).isZero();
          notified.incrementAndGet();
        });
    loop.onTermination(withdrawn::incrementAndGet).run();
    OnLoop.run(loop, lastTask::countDown);
    shutDown(loop);
    Builtin.eventually().untilAtomic(notified, is(1));
    AtomicInteger late = new AtomicInteger();
    loop.onTermination(late::incrementAndGet);
    Builtin.eventually().untilAtomic(late, is(1));
    assertThat(notified).hasValue(1);
    assertThat(withdrawn).hasValue(0);
    assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void everyCallSettlesOnItsLoop() {
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    NativeFunction<Long> yield = runtime.function("yieldTimes", Long.class, long.class);
    List<Watched<Long>> calls = new ArrayList<>();
    for (long i = 0; i < 2_000; i++) {
      Watched<Long> watched = new Watched<>(loop);
      NativeCall<Long> call = i % 2 == 0 ? add.call(i, 1L) : yield.call(3L);
      call.start(loop, new WatchingTarget<>(watched));
      calls.add(watched);
    }
    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).value()).isEqualTo(i % 2 == 0 ? i + 1L : 3L);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void handlersRunAndAreCancelledOnTheLoop() throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    AtomicInteger outside = new AtomicInteger();
    List<CompletableFuture<Long>> unanswered = Collections.synchronizedList(new ArrayList<>());
    JavaHandler<Long, Long> handler =
        JavaHandler.stage(
            Long.class,
            Long.class,
            number -> {
              outside.addAndGet(loop.inLoop() ? 0 : 1);
              if (number % 2 == 0) {
                return CompletableFuture.supplyAsync(() -> number + 1);
              }
              CompletableFuture<Long> never = new CompletableFuture<>();
              never.whenComplete((value, error) -> outside.addAndGet(loop.inLoop() ? 0 : 1));
              unanswered.add(never);
              return never;
            });
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    int calls = 100;
    for (long i = 0; i < calls; i++) {
      asked.add(ask.call(i, handler).toFuture(loop));
    }
    for (int i = 0; i < calls; i += 2) {
      assertThat(asked.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i + 1);
    }
    Builtin.eventually().until(() -> unanswered.size() == calls / 2);
    asked.forEach(call -> call.cancel(false));
    Builtin.eventually().until(() -> unanswered.stream().allMatch(CompletableFuture::isCancelled));
    Builtin.awaitNothingLeft(runtime);
    assertThat(outside).as("off the loop").hasValue(0);
  }

  @Test
  void aHandlerMaySubmitCancelAndAnswerFromInside() throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    JavaHandler<Long, Long> inner = JavaHandler.of(Long.class, Long.class, number -> number + 1);
    JavaHandler<Long, Long> outer =
        JavaHandler.stage(
            Long.class,
            Long.class,
            number -> {
              CompletableFuture<Void> given = never.toFuture(loop);
              CompletableFuture<Long> asked = ask.call(number, inner).toFuture(loop);
              given.cancel(false);
              return asked;
            });
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    for (long i = 0; i < 200; i++) {
      asked.add(ask.call(i, outer.atOnce(1)).toFuture(loop));
    }
    for (int i = 0; i < asked.size(); i++) {
      assertThat(asked.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(i + 1);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aHandlerOfALoopThatGoesIsNotRunAndWhatItStartedIsLeftAlone() throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CompletableFuture<Long> pending = new CompletableFuture<>();
    CompletableFuture<Void> begun = new CompletableFuture<>();
    JavaHandler<Long, Long> handler =
        JavaHandler.stage(
            Long.class,
            Long.class,
            number -> {
              begun.complete(null);
              return pending;
            });
    CompletableFuture<Long> asked = ask.call(1L, handler).toFuture(loop);
    begun.get(30, TimeUnit.SECONDS);
    shutDown(loop);
    assertThatThrownBy(() -> asked.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(OwnerGoneException.class);
    pending.complete(1L); // too late, and harmless
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anObjectIsTouchedOnTheLoopAlone() throws Exception {
    LoopRef<Thread[]> seen = LoopRef.of(loop, new Thread[1]);
    assertThatThrownBy(seen::get).isInstanceOf(WrongLoopException.class);
    CompletableFuture<Boolean> inLoop =
        seen.call(threads -> loop.inLoop() && seen.get() == threads);
    assertThat(inLoop.get(30, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<?> back =
        runtime.function("giveBack", LoopRef.class, LoopRef.class).call(seen).toFuture(loop);
    assertThat(back.get(30, TimeUnit.SECONDS)).isSameAs(seen);
    shutDown(loop);
    Builtin.eventually().until(() -> seen.call(threads -> 1).isDone());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void callsFromTheLoopItselfSettleThere() throws Exception {
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    Watched<Long> watched = new Watched<>(loop);
    loop.execute(() -> add.call(40L, 2L).start(loop, new WatchingTarget<>(watched)));
    assertThat(watched.value()).isEqualTo(42L);
  }

  @Test
  void waitingOnTheLoopIsRefused() throws Exception {
    if (mayBlock()) {
      return;
    }
    NativeFunction<Void> never = runtime.function("never", Void.class);
    assertThat(OnLoop.call(loop, () -> catchThrowable(() -> never.call().toFuture(loop).join())))
        .isInstanceOf(BlockingOnLoopException.class)
        .hasMessageContaining(loop.toString());
  }

  @Test
  void callsInFlightFailWhenTheLoopGoes() throws Exception {
    NativeFunction<Void> never = runtime.function("never", Void.class);
    List<Watched<Void>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Watched<Void> watched = new Watched<>(loop);
      never.call().start(loop, new WatchingTarget<>(watched));
      calls.add(watched);
    }
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 100);
    shutDown(loop);
    for (Watched<Void> call : calls) {
      assertThat(call.errorAnywhere()).isInstanceOf(OwnerGoneException.class);
    }
    Builtin.awaitNothingLeft(runtime);
    assertThat(runtime.metrics().ownerGone()).isEqualTo(100);
    Watched<Void> late = new Watched<>(loop);
    never.call().start(loop, new WatchingTarget<>(late));
    assertThat(late.errorAnywhere()).isInstanceOf(OwnerGoneException.class);
    Builtin.awaitNothingLeft(runtime);
  }

  /** Reports the outcome of its call to a {@link Watched}. */
  static final class WatchingTarget<R> implements CallTarget<R> {

    private final Watched<R> watched;

    WatchingTarget(Watched<R> watched) {
      this.watched = watched;
    }

    @Override
    public void value(R value) {
      watched.settled(value, null);
    }

    @Override
    public void error(Throwable error) {
      watched.settled(null, error);
    }
  }

  private <R> R run(NativeCall<R> call) throws Exception {
    return call.toFuture(loop).get(30, TimeUnit.SECONDS);
  }

  private long counted(String name) throws Exception {
    return runtime.function(name, Long.class).call().await();
  }

  @Test
  void drivesFuturesIfItHasOneThread() throws Exception {
    NativeCall<Long> stays = runtime.function("localStays", Long.class, long.class).call(3L);
    if (!loop.hasOneThread()) {
      assertThatThrownBy(() -> run(stays))
          .cause()
          .isInstanceOf(WrongLoopException.class)
          .hasMessageContaining(loop.toString());
      return;
    }
    assertThat(run(stays)).isEqualTo(3);
    JavaHandler<Long, Long> here =
        JavaHandler.of(Long.class, Long.class, number -> loop.inLoop() ? number : -1);
    NativeFunction<Long> ask =
        runtime.function("localAskInTurn", Long.class, long.class, JavaHandler.class);
    assertThat(run(ask.call(10L, here))).isEqualTo(45);
    assertThat(run(runtime.function("localYieldTimes", Long.class, long.class).call(100L)))
        .isEqualTo(100);
    NativeFunction<Long> count = runtime.function("count", Long.class, NativeRef.class, long.class);
    try (NativeRef object =
        run(runtime.function("counter", NativeRef.class, long.class).call(1L))) {
      assertThat(run(count.call(object, 2L))).isEqualTo(3);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void futuresAndObjectsGoWithItsThread() throws Exception {
    if (!loop.hasOneThread()) {
      return; // it has none
    }
    long atHome = counted("droppedAtHome");
    long elsewhere = counted("droppedElsewhere");
    run(runtime.function("counter", NativeRef.class, long.class).call(1L));
    List<CompletableFuture<Void>> pending = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      pending.add(runtime.function("localWatched", Void.class).call().toFuture(loop));
    }
    Builtin.eventually().until(() -> runtime.metrics().liveLocalFutures() == 20);
    shutDown(loop);
    for (CompletableFuture<Void> call : pending) {
      assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OwnerGoneException.class);
    }
    Builtin.awaitNothingLeft(runtime);
    assertThat(counted("droppedAtHome")).isEqualTo(atHome + 21);
    assertThat(counted("droppedElsewhere")).isEqualTo(elsewhere);
  }
}
