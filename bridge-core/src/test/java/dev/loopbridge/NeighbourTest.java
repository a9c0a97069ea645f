package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The work of one loop, in Java or in Rust, does not hold up the calls of other loops. */
class NeighbourTest {

  private static final int CALLS = 2_000;

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop busy = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final NettyLoop neighbour = NettyLoop.of(NettyNioLoopTest.newLoop());

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(busy);
    NettyNioLoopTest.end(neighbour);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private void neighbourWorks() throws Exception {
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    NativeFunction<Long> yielding = runtime.function("yieldTimes", Long.class, long.class);
    for (long i = 0; i < CALLS; i++) {
      assertThat(add.call(i, 1L).toFuture(neighbour).get(30, TimeUnit.SECONDS)).isEqualTo(i + 1);
      assertThat(yielding.call(2L).toFuture(neighbour).get(30, TimeUnit.SECONDS)).isEqualTo(2L);
    }
  }

  @Test
  void aBlockedLoopWithCallsInFlight() throws Exception {
    NativeCall<Long> yielding = runtime.function("yieldTimes", Long.class, long.class).call(1L);
    CompletableFuture<?>[] blocked = new CompletableFuture<?>[1_000];
    CountDownLatch release = new CountDownLatch(1);
    for (int i = 0; i < blocked.length; i++) {
      blocked[i] = yielding.toFuture(busy);
    }
    CountDownLatch entered = new CountDownLatch(1);
    busy.execute(
        () -> {
          entered.countDown();
          Builtin.blockedUntil(release).run();
        });
    assertThat(entered.await(30, TimeUnit.SECONDS)).isTrue();
    neighbourWorks();
    assertThat(release.getCount()).isEqualTo(1);
    release.countDown();
    CompletableFuture.allOf(blocked).get(30, TimeUnit.SECONDS);
  }

  @Test
  void cpuBoundCallsOnAnotherPort() throws Exception {
    NativeCall<Void> burn = runtime.function("burnUntilCancelled", Void.class).call();
    CompletableFuture<Void> first = burn.toFuture(busy);
    CompletableFuture<Void> second = burn.toFuture(busy);
    Builtin.eventually().until(() -> runtime.metrics().blockingSpawned() == 2);
    neighbourWorks();
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    first.cancel(false);
    second.cancel(false);
  }

  @Test
  void aLongPollOnAnotherPort() throws Exception {
    NativeCall<Void> burn = runtime.function("burn", Void.class, long.class).call(2_000_000L);
    CompletableFuture<Void> burning = burn.toFuture(busy);
    neighbourWorks();
    burning.get(30, TimeUnit.SECONDS);
  }
}
