package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Calls with loop-driven futures whose loop, thread or runtime ends. */
class LocalEndsTest extends LoopScene {

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
  void closingTheRuntimeDropsThemOnTheirLoop() throws Exception {
    NativeRuntime closing = Builtin.runtime();
    long atHome = counted("droppedAtHome");
    long elsewhere = counted("droppedElsewhere");
    List<CompletableFuture<Void>> pending = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      pending.add(closing.function("localWatched", Void.class).call().toFuture(loop));
      pending.add(
          closing.function("localSleep", Void.class, long.class).call(60_000L).toFuture(loop));
    }
    Builtin.eventually().until(() -> closing.metrics().liveLocalFutures() == 100);
    Builtin.closeAndAwaitNothingLeft(closing);
    for (CompletableFuture<Void> call : pending) {
      assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(RuntimeClosedException.class);
    }
    assertThat(counted("droppedAtHome")).isEqualTo(atHome + 50);
    assertThat(counted("droppedElsewhere")).isEqualTo(elsewhere);
  }

  @Test
  void aFutureThatWakesItselfWhenTheRuntimeClosesThrowsNothingAtItsLoop() throws Exception {
    Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
    NativeRuntime closing = Builtin.runtime();
    CompletableFuture<Long> yielding =
        closing
            .function("localYieldTimes", Long.class, long.class)
            .call(Long.MAX_VALUE)
            .toFuture(new Watching(loop, thrown));
    Builtin.eventually().until(() -> closing.metrics().localPolls() > 2);
    Builtin.closeAndAwaitNothingLeft(closing);
    assertThatThrownBy(() -> yielding.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
    OnLoop.turn(loop); // after the turn that was scheduled
    assertThat(thrown).isEmpty();
  }

  @Test
  void aLoopThatEndsDropsThemOnItsThread() throws Exception {
    long atHome = counted("droppedAtHome");
    long elsewhere = counted("droppedElsewhere");
    NettyLoop ending = NettyLoop.of(NettyNioLoopTest.newLoop());
    ByteBuf lent = Unpooled.directBuffer(5_000).writeZero(5_000);
    List<CompletableFuture<?>> pending = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      pending.add(watched().toFuture(ending));
      pending.add(sleep(60_000).toFuture(ending));
      pending.add(
          runtime
              .function("localSum", Long.class, ByteBuf.class, long.class)
              .call(lent, 60_000L)
              .toFuture(ending));
    }
    Builtin.eventually().until(() -> runtime.metrics().liveLocalFutures() == 150);
    NettyNioLoopTest.end(ending);
    for (CompletableFuture<?> call : pending) {
      assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(OwnerGoneException.class);
    }
    Builtin.awaitNothingLeft(runtime);
    Builtin.eventually().until(() -> lent.refCnt() == 1);
    lent.release();
    assertThat(counted("droppedAtHome")).isEqualTo(atHome + 50);
    assertThat(counted("droppedElsewhere")).isEqualTo(elsewhere);
  }

  /**
   * The drop of one future wakes another, which is dropped next: it is not polled, and no drain
   * throws.
   */
  @Test
  void oneThatWakesAnotherWhileBothAreDropped() throws Exception {
    DefaultEventExecutor mortal = new DefaultEventExecutor(); // ends when a task throws
    OwnerLoop owner = NettyLoop.of(mortal);
    NativeRuntime closing = Builtin.runtime();
    CompletableFuture<Void> first =
        closing.function("localWakesAtLast", Void.class).call().toFuture(owner);
    CompletableFuture<Long> second =
        closing.function("localWait", Long.class).call().toFuture(owner);
    Builtin.eventually().until(() -> closing.metrics().liveLocalFutures() == 2);
    Builtin.closeAndAwaitNothingLeft(closing);
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    assertThat(mortal.isShuttingDown()).isFalse();
    mortal.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  @Test
  void thoseThatAreNotDroppedYetWhenTheRuntimeClosesDoNotRun() throws Exception {
    NativeRuntime closing = Builtin.runtime();
    CompletableFuture<Void> pending =
        closing.function("localNever", Void.class).call().toFuture(loop);
    Builtin.eventually().until(() -> closing.metrics().liveLocalFutures() == 1);
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(Builtin.blockedUntil(release));
    CompletableFuture<CloseReport> report = closing.closeAsync(Duration.ZERO).toCompletableFuture();
    Builtin.eventually().until(() -> closing.metrics().attachedThreads() == 0);
    release.countDown();
    assertThat(report.get(30, TimeUnit.SECONDS).stillRunning()).isZero();
    assertThat(pending).isCompletedExceptionally();
  }

  /**
   * A loop that takes no tasks for a while, like a suspended Netty loop or a Scheduler that is
   * started again.
   */
  @Test
  void aLoopThatGetsAnotherThreadAfterAll() throws Exception {
    Reborn reborn = new Reborn();
    ByteBuf lent = Unpooled.directBuffer(5_000).writeZero(5_000);
    NativeFunction<Void> stash = runtime.function("localStash", Void.class, ByteBuf.class);
    CompletableFuture<Void> lending = stash.call(lent).toFuture(reborn);
    CompletableFuture<Void> pending = never().toFuture(reborn);
    CompletableFuture<NativeRef> made =
        runtime.function("counter", NativeRef.class, long.class).call(1L).toFuture(reborn);
    NativeRef stale = made.get(30, TimeUnit.SECONDS);
    Builtin.eventually().until(() -> runtime.metrics().liveLocalFutures() == 2);
    reborn.changeThread();
    assertThatThrownBy(() -> pending.get(30, TimeUnit.SECONDS))
        .isInstanceOf(CancellationException.class);
    assertThat(counted("unstash")).isEqualTo(1);
    assertThatThrownBy(() -> lending.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(OwnerGoneException.class);
    assertThat(add.call(1L, 2L).toFuture(reborn).get(30, TimeUnit.SECONDS)).isEqualTo(3);
    stale.close();
    Builtin.awaitNothingLeft(runtime);
    assertThat(lent.refCnt()).isEqualTo(1);
    lent.release();
    Builtin.closeAndAwaitNothingLeft(runtime);
    reborn.executor.shutdown();
  }

  /** Records the exceptions of the bridge's tasks. */
  private static final class Watching extends ForwardingLoop {

    private final Queue<Throwable> thrown;

    Watching(NettyLoop loop, Queue<Throwable> thrown) {
      super(loop);
      this.thrown = thrown;
    }

    @Override
    public void execute(Runnable task) {
      super.execute(
          () -> {
            try {
              task.run();
            } catch (Throwable e) {
              thrown.add(e);
            }
          });
    }
  }

  /** A loop that declares itself to have one thread. */
  private static final class Reborn implements OwnerLoop {

    private volatile Thread thread;
    private volatile ExecutorService executor = executor();

    private ExecutorService executor() {
      return Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "reborn");
            made.setDaemon(true);
            thread = made;
            return made;
          });
    }

    void changeThread() {
      ExecutorService before = executor;
      executor = executor();
      before.shutdown();
    }

    @Override
    public boolean inLoop() {
      return thread == Thread.currentThread();
    }

    @Override
    public void execute(Runnable task) {
      executor.execute(task);
    }

    @Override
    public boolean hasOneThread() {
      return true;
    }

    @Override
    public Runnable onTermination(Runnable action) {
      return () -> {};
    }
  }
}
