package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import dev.loopbridge.OwnerLoop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * The bridge blocks no loop's thread. In a JVM of its own, since BlockHound rewrites classes of the
 * JDK.
 */
@Tag("blockhound")
class BlockHoundTest {

  private static final int CALLS = 500;

  private static final Queue<Throwable> BLOCKED = new ConcurrentLinkedQueue<>();

  private final ExecutorService executor = Executors.newSingleThreadExecutor();
  private final Scheduler single = Schedulers.newSingle("owner");
  private final NativeRuntime runtime = Builtin.runtime();

  /**
   * Each kind of loop. Some run on plain threads, which BlockHound knows as a loop's only while
   * they run a task of the bridge.
   */
  private final List<OwnerLoop> loops =
      List.of(
          Loops.netty(),
          NettyLoop.of(
              new MultiThreadIoEventLoopGroup(
                      1,
                      (java.util.concurrent.ThreadFactory) Thread::new,
                      NioIoHandler.newFactory())
                  .next()),
          runtime.currentLoop(),
          ReactorBridge.loop(single),
          ReactorBridge.loop(Schedulers.fromExecutorService(executor)));

  @BeforeAll
  static void install() {
    // BlockHound finds its integrations, the bridge's among them, as services; this one only
    // records.
    BlockHound.builder()
        .loadIntegrations()
        .blockingMethodCallback(
            method -> {
              Error found = new Error(Thread.currentThread().getName() + ": " + method);
              BLOCKED.add(found);
              throw found;
            })
        .install();
  }

  @BeforeEach
  void nothingYet() {
    BLOCKED.clear();
  }

  @AfterEach
  void closeAll() {
    Builtin.awaitNothingLeft(runtime);
    Loops.end(loops.get(0));
    Loops.end(loops.get(1));
    single.dispose();
    executor.shutdown();
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Test
  void aBlockingCallOnALoopIsDetected() throws Exception {
    for (OwnerLoop loop : loops) {
      BLOCKED.clear();
      Throwable detected = OnLoop.call(loop, () -> catchThrowable(() -> LockSupport.parkNanos(1)));
      assertThat(detected).as("on %s", loop).isIn(BLOCKED);
    }
  }

  @Test
  void aBlockingCallElsewhereIsNot() {
    LockSupport.parkNanos(1);
    assertThat(BLOCKED).isEmpty();
  }

  @Test
  void noCallBlocksItsLoop() throws Exception {
    NativeCall<Long> yielding = runtime.function("yieldTimes", Long.class, long.class).call(2L);
    NativeCall<ByteBuf> bytes =
        runtime.function("makeBytes", ByteBuf.class, long.class).call(100_000L);
    NativeCall<Void> fail =
        runtime.function("fail", Void.class, String.class, int.class).call("no luck", 1);
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    for (OwnerLoop loop : loops) {
      CountDownLatch done = new CountDownLatch(3 * CALLS);
      loop.execute(
          () -> {
            for (int i = 0; i < CALLS; i++) {
              Mono<Long> chain =
                  yielding
                      .as(ReactorBridge.mono(loop))
                      .publishOn(ReactorBridge.scheduler(loop))
                      .onErrorComplete();
              chain.subscribe(value -> {}, e -> {}, done::countDown);
              fail.as(ReactorBridge.mono(loop))
                  .onErrorComplete()
                  .subscribe(value -> {}, e -> {}, done::countDown);
              bytes
                  .toFuture(loop)
                  .whenComplete(
                      (buffer, e) -> {
                        if (buffer != null) {
                          buffer.release();
                        }
                        done.countDown();
                      });
              never.as(ReactorBridge.mono(loop)).subscribe().dispose();
            }
          });
      assertThat(done.await(60, TimeUnit.SECONDS)).as("on %s", loop).isTrue();
    }
    List<Mono<Long>> fromOutside = new ArrayList<>();
    for (OwnerLoop loop : loops) {
      fromOutside.add(yielding.as(ReactorBridge.mono(loop)).onErrorComplete());
    }
    Flux.merge(fromOutside).blockLast(Builtin.PATIENCE);
    assertThat(BLOCKED).isEmpty();
  }

  @Test
  void closingARuntimeBlocksNoLoop() throws Exception {
    for (OwnerLoop loop : loops) {
      NativeRuntime closing = Builtin.runtime();
      NativeCall<Void> never = closing.function("never", Void.class).call();
      CompletableFuture<Throwable> ended = new CompletableFuture<>();
      loop.execute(
          () -> {
            never
                .as(ReactorBridge.mono(loop))
                .subscribe(value -> {}, ended::complete, () -> ended.complete(null));
            closing.close();
          });
      assertThat(ended.get(30, TimeUnit.SECONDS)).isNotNull();
      await().atMost(Builtin.PATIENCE).until(() -> closing.metrics().liveCalls() == 0);
      Builtin.closeAndAwaitNothingLeft(closing);
    }
    assertThat(BLOCKED).isEmpty();
  }
}
