package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Counts exactly what a round trip takes when both sides sleep before each of its steps.
 *
 * <p>A side that sleeps is woken once for what it is given: the dispatcher by a downcall, the loop
 * by an upcall. So a call and its answer take one downcall, one upcall and two turns of the loop,
 * of which one rings and one settles. A call whose function asks a handler is two such trips, one
 * inside the other; the turn that answers rings as well, which leaves three turns.
 */
class RoundTripTest {

  private static final int BURST = 1_000;
  private static final int TENTH = BURST / 10;

  private final NativeRuntime runtime =
      NativeRuntime.builder(Builtin.library())
          .linger(Duration.ZERO) // who looks by itself need not be woken
          .workerThreads(2)
          .maxInFlight(4 * BURST)
          .build();
  private final NettyLoop netty = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final CountedLoop loop = new CountedLoop(netty);
  private final Port port = runtime.on(loop);

  /** The loop on which functions wait that are to go on when all is quiet. */
  private final NativeRuntime holding = Builtin.runtime();

  private CompletableFuture<Void> held;

  private final NativeFunction<Void> keep =
      runtime.function("keepHandler", Void.class, JavaHandler.class);
  private final NativeCall<Long> askKept =
      runtime.function("askKeptWhenFree", Long.class, long.class).call(7L);
  private final NativeFunction<Long> ask =
      runtime.function("askWhenFree", Long.class, long.class, JavaHandler.class);

  /** A loop that checks that the answer is what wakes the dispatcher. */
  private final JavaHandler<Long, Long> doubled =
      JavaHandler.of(
          Long.class,
          Long.class,
          number -> {
            assertThat(port.state.submissions.isDispatcherParked()).isTrue();
            return 2 * number;
          });

  /**
   * @param turns tasks that the bridge has put on the loop
   * @param drains those which found something, or were put there by an upcall
   * @param up records from Rust
   * @param down records from Java
   */
  private record Crossings(
      long turns, long drains, long upcalls, long downcalls, long up, long down) {

    Crossings since(Crossings earlier) {
      return new Crossings(
          turns - earlier.turns,
          drains - earlier.drains,
          upcalls - earlier.upcalls,
          downcalls - earlier.downcalls,
          up - earlier.up,
          down - earlier.down);
    }
  }

  /** A loop that counts its tasks. */
  private static final class CountedLoop extends ForwardingLoop {

    final AtomicLong tasks = new AtomicLong();

    CountedLoop(NettyLoop loop) {
      super(loop);
    }

    @Override
    public void execute(Runnable task) {
      tasks.incrementAndGet();
      super.execute(task);
    }
  }

  @BeforeEach
  void hold() {
    held = Builtin.hold(holding);
  }

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(netty);
    Builtin.closeAndAwaitNothingLeft(runtime);
    Builtin.closeAndAwaitNothingLeft(holding);
  }

  /** Waits until this many calls wait in Rust, and neither the loop nor the dispatcher has work. */
  private void awaitQuiet(int waiting) throws Exception {
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == waiting);
    Builtin.eventually().until(port.state.submissions::isDispatcherParked);
    OnLoop.turn(netty);
  }

  private Crossings crossings() {
    RuntimeMetrics metrics = runtime.metrics();
    return new Crossings(
        loop.tasks.get(),
        metrics.drains(),
        metrics.wakes(),
        metrics.doorbells(),
        metrics.completions(),
        metrics.submissions());
  }

  /**
   * Starts a call on its loop, releases it when all is quiet, and waits until all is quiet again.
   */
  private <R> Crossings crossingsOf(NativeCall<R> call, R expected) throws Exception {
    awaitQuiet(0);
    Crossings before = crossings();
    CompletableFuture<R> result = OnLoop.call(netty, () -> call.toFuture(loop));
    awaitQuiet(1);
    held.cancel(false);
    assertThat(result.get(30, TimeUnit.SECONDS)).isEqualTo(expected);
    awaitQuiet(0);
    return crossings().since(before);
  }

  private void keep(JavaHandler<Long, Long> handler) throws Exception {
    keep.call(handler).toFuture(loop).get(30, TimeUnit.SECONDS);
  }

  private void forget() throws Exception {
    NativeCall<Void> forget = runtime.function("forgetHandler", Void.class).call();
    forget.toFuture(loop).get(30, TimeUnit.SECONDS);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aCallTakesTwoTurnsAnUpcallAndADowncall() throws Exception {
    NativeCall<Boolean> wait = runtime.function("tryHold", Boolean.class, long.class).call(60_000L);
    assertThat(crossingsOf(wait, true)).isEqualTo(new Crossings(2, 1, 1, 1, 1, 1));
  }

  @Test
  void aCallThatAsksAHandlerTakesThreeTurnsTwoUpcallsAndTwoDowncalls() throws Exception {
    keep(doubled);
    assertThat(crossingsOf(askKept, 14L)).isEqualTo(new Crossings(3, 2, 2, 2, 2, 2));
    forget();
  }

  /**
   * Rust drops the handler at about the time it settles the call: one drain takes both, or two do.
   */
  @Test
  void aHandlerPassedWithTheCallIsReleasedByOneMoreRecord() throws Exception {
    Crossings asked = crossingsOf(ask.call(7L, doubled), 14L);
    long extra = asked.upcalls - 2;
    assertThat(extra).isBetween(0L, 1L);
    assertThat(asked).isEqualTo(new Crossings(3 + extra, 2 + extra, 2 + extra, 2, 3, 2));
  }

  @Test
  void aLoopDrivenCallThatAsksAHandlerCrossesNothing() throws Exception {
    NativeFunction<Long> askInTurn =
        runtime.function("localAskInTurn", Long.class, long.class, JavaHandler.class);
    JavaHandler<Long, Long> same = JavaHandler.of(Long.class, Long.class, Function.identity());
    awaitQuiet(0);
    Crossings before = crossings();
    Crossings asking =
        OnLoop.call(
            netty,
            () -> {
              CompletableFuture<Long> asked = askInTurn.call(100L, same).toFuture(loop);
              assertThat(asked).isCompletedWithValue(4_950L);
              return crossings();
            });
    Builtin.awaitNothingLeft(runtime);
    awaitQuiet(0);
    // The future was dropped in its last poll, and the handler with it.
    Crossings release = new Crossings(1, 1, 1, 0, 1, 0);
    assertThat(crossings().since(before)).isEqualTo(release);
    assertThat(asking.turns - before.turns).isLessThanOrEqualTo(release.turns);
    assertThat(asking.upcalls - before.upcalls).isLessThanOrEqualTo(release.upcalls);
    assertThat(asking.drains).isEqualTo(before.drains);
    assertThat(asking.downcalls).isEqualTo(before.downcalls);
  }

  @Test
  void aBurstOfCallsThatAskCrossesSeldom() throws Exception {
    keep(JavaHandler.of(Long.class, Long.class, Function.<Long>identity()).atOnce(BURST));
    Crossings least = new Crossings(BURST, BURST, BURST, BURST, 2 * BURST, 2 * BURST);
    for (int round = 0; round < 10; round++) {
      awaitQuiet(0);
      Crossings before = crossings();
      List<CompletableFuture<Long>> asked =
          OnLoop.call(
              netty,
              () -> {
                List<CompletableFuture<Long>> started = new ArrayList<>();
                for (int i = 0; i < BURST; i++) {
                  started.add(askKept.toFuture(loop));
                }
                return started;
              });
      awaitQuiet(BURST);
      assertThat(crossings().since(before)).isEqualTo(new Crossings(1, 0, 0, 1, 0, BURST));
      held.cancel(false);
      for (CompletableFuture<Long> one : asked) {
        assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo(7);
      }
      awaitQuiet(0);
      Crossings burst = crossings().since(before);
      assertThat(burst.up).isEqualTo(2 * BURST);
      assertThat(burst.down).isEqualTo(2 * BURST);
      least =
          new Crossings(
              Math.min(least.turns, burst.turns),
              Math.min(least.drains, burst.drains),
              Math.min(least.upcalls, burst.upcalls),
              Math.min(least.downcalls, burst.downcalls),
              burst.up,
              burst.down);
      held = Builtin.hold(holding);
    }
    assertThat(least.turns).isLessThan(TENTH);
    assertThat(least.upcalls).isLessThan(TENTH);
    assertThat(least.downcalls).isLessThan(TENTH);
    forget();
  }
}
