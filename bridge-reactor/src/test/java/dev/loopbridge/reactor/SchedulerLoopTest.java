package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Blocking;
import dev.loopbridge.BlockingOnLoopException;
import dev.loopbridge.Builtin;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OnLoop;
import dev.loopbridge.OwnerLoop;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Which Schedulers are loops, and how such a loop finds its thread and its end. */
class SchedulerLoopTest {

  private static void awaitEnd(OwnerLoop loop) throws Exception {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    loop.onTermination(() -> gone.complete(null));
    gone.get(30, TimeUnit.SECONDS);
  }

  @Test
  void refusesSchedulersOfSeveralThreads() {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    Scheduler fromPool = Schedulers.fromExecutorService(pool);
    for (Scheduler several :
        List.of(Schedulers.newParallel("several", 4), Schedulers.boundedElastic(), fromPool)) {
      assertThatThrownBy(() -> ReactorBridge.loop(several))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(several.toString())
          .hasMessageContaining("Schedulers.newSingle");
    }
    fromPool.dispose();
  }

  @Test
  void refusesASchedulerThatRunsTasksOnTheCallersThread() {
    assertThatThrownBy(() -> ReactorBridge.loop(Schedulers.immediate()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("caller's")
        .hasMessageContaining("Schedulers.newSingle");
  }

  @Test
  void everyTaskOfASingleSchedulerIsInTheLoop() {
    Scheduler single = Schedulers.newSingle("owner");
    OwnerLoop loop = ReactorBridge.loop(single);
    CompletableFuture<Boolean> inLoop = new CompletableFuture<>();
    single.schedule(() -> inLoop.complete(loop.inLoop()));
    assertThat(inLoop.join()).isTrue();
    single.dispose();
  }

  /** Whether the loop recognizes its thread in tasks of others too, once it was bound. */
  @Test
  void aCallThatNamesNoLoopBelongsToTheSingleItIsStartedOn() throws Exception {
    Scheduler single = Schedulers.newSingle("owner");
    OwnerLoop loop = ReactorBridge.loop(single);
    NativeRuntime runtime = Builtin.runtime();
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
    assertThat(OnLoop.call(loop, runtime::currentLoop)).isEqualTo(loop);
    CompletableFuture<OwnerLoop> stage = new CompletableFuture<>();
    CompletableFuture<OwnerLoop> mono = new CompletableFuture<>();
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    CompletableFuture<Boolean> blocks = new CompletableFuture<>();
    single.schedule(
        () -> {
          add.toFuture().thenAccept(sum -> stage.complete(runtime.currentLoop()));
          add.as(ReactorBridge.mono()).subscribe(sum -> mono.complete(runtime.currentLoop()));
          refused.complete(catchThrowable(add::await));
          blocks.complete(Blocking.isOnLoop());
        });
    assertThat(stage.get(30, TimeUnit.SECONDS)).isEqualTo(loop);
    assertThat(mono.get(30, TimeUnit.SECONDS)).isEqualTo(loop);
    assertThat(refused.join()).isInstanceOf(BlockingOnLoopException.class);
    assertThat(blocks.join()).isTrue();
    assertThat(runtime.metrics().livePorts()).isEqualTo(1);
    Builtin.closeAndAwaitNothingLeft(runtime);
    single.dispose();
  }

  @Test
  void ofAnExecutorOnlyTheLoopsOwnTasksAreKnown() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    OwnerLoop loop = ReactorBridge.loop(Schedulers.fromExecutorService(executor));
    NativeRuntime runtime = Builtin.runtime();
    assertThat(OnLoop.call(loop, runtime::currentLoop)).isEqualTo(loop);
    assertThat(executor.submit(runtime::currentLoop).get()).isNotEqualTo(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
    executor.shutdown();
  }

  @Test
  void theSharedSingleIsALoop() throws Exception {
    OwnerLoop loop = ReactorBridge.loop(Schedulers.single());
    assertThat(OnLoop.call(loop, loop::inLoop)).isTrue();
    assertThat(ReactorBridge.loop(Schedulers.single())).isEqualTo(loop);
  }

  @Test
  void aDisposedSchedulerIsALoopThatIsGone() throws Exception {
    Scheduler disposed = Schedulers.newSingle("disposed");
    disposed.dispose();
    OwnerLoop loop = ReactorBridge.loop(disposed);
    assertThatThrownBy(() -> loop.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
    awaitEnd(loop);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSchedulerDisposedBeforeItRanAnythingIsGone(boolean gracefully) throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    CountDownLatch release = new CountDownLatch(1);
    executor.execute(
        () -> {
          boolean waiting = true;
          while (waiting) {
            try {
              release.await();
              waiting = false;
            } catch (InterruptedException e) {
              // shutting down interrupts; the test decides when this task ends
            }
          }
        });
    Scheduler scheduler = Schedulers.fromExecutorService(executor);
    OwnerLoop loop = ReactorBridge.loop(scheduler);
    AtomicInteger ran = new AtomicInteger();
    loop.execute(ran::incrementAndGet);
    if (gracefully) {
      scheduler.disposeGracefully().subscribe();
    } else {
      scheduler.dispose();
    }
    awaitEnd(loop);
    release.countDown();
    assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(ran).as("tasks after the end was reported").hasValue(0);
  }

  @Test
  void anExecutorShutDownBehindTheSchedulersBackIsNoticed() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    OwnerLoop loop = ReactorBridge.loop(Schedulers.fromExecutorService(executor));
    OnLoop.turn(loop);
    CompletableFuture<Boolean> lastTaskRan = new CompletableFuture<>();
    AtomicInteger ran = new AtomicInteger();
    loop.onTermination(() -> lastTaskRan.complete(ran.get() == 1));
    loop.execute(ran::incrementAndGet);
    executor.shutdown();
    assertThat(lastTaskRan.get(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aThreadThatIsReplacedIsNotTheEnd() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    OwnerLoop loop = ReactorBridge.loop(Schedulers.fromExecutorService(executor));
    AtomicInteger notified = new AtomicInteger();
    loop.onTermination(notified::incrementAndGet);
    Thread first = OnLoop.call(loop, Thread::currentThread);
    executor.execute(
        () -> {
          Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> {});
          throw new IllegalStateException("ends its thread");
        });
    first.join();
    Thread second = OnLoop.call(loop, Thread::currentThread);
    assertThat(second).isNotSameAs(first);
    assertThat(notified).hasValue(0);
    executor.shutdown();
    await().atMost(Builtin.PATIENCE).untilAtomic(notified, org.hamcrest.Matchers.is(1));
  }

  @Test
  void severalThreadsThatDoNotTellTakeTurns() throws Exception {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(4, 4, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
    OwnerLoop loop = ReactorBridge.loop(Schedulers.fromExecutor(task -> pool.execute(task)));
    int[] unguarded = new int[1];
    CountDownLatch done = new CountDownLatch(2_000);
    for (int i = 0; i < 2_000; i++) {
      loop.execute(
          () -> {
            int read = unguarded[0];
            Thread.yield();
            unguarded[0] = read + 1;
            done.countDown();
          });
    }
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(OnLoop.call(loop, () -> unguarded[0])).isEqualTo(2_000);
    CompletableFuture<Boolean> foreign = new CompletableFuture<>();
    pool.execute(() -> foreign.complete(loop.inLoop()));
    assertThat(foreign.join()).isFalse();
    pool.shutdown();
  }

  @Test
  void aLoopIsWatchedOnlyWhileAnActionAwaitsItsEnd() throws Exception {
    Scheduler single = Schedulers.newSingle("unwatched");
    OwnerLoop loop = ReactorBridge.loop(single);
    assertThat(watchers("unwatched")).isEmpty();
    List<Integer> notified = new CopyOnWriteArrayList<>();
    Runnable withdrawFirst = loop.onTermination(() -> notified.add(1));
    Runnable withdrawSecond = loop.onTermination(() -> notified.add(2));
    assertThat(watchers("unwatched")).hasSize(1);
    assertThat(watchers("unwatched").get(0).isDaemon()).isTrue();
    withdrawFirst.run();
    assertThat(watchers("unwatched")).hasSize(1);
    withdrawSecond.run();
    withdrawSecond.run();
    await().atMost(Builtin.PATIENCE).until(() -> watchers("unwatched").isEmpty());
    loop.onTermination(() -> notified.add(3));
    single.dispose();
    await().atMost(Builtin.PATIENCE).until(() -> notified.size() == 1);
    assertThat(notified).containsExactly(3);
    await().atMost(Builtin.PATIENCE).until(() -> watchers("unwatched").isEmpty());
  }

  private static List<Thread> watchers(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("loopbridge-end-of-"))
        .filter(thread -> thread.getName().contains(name))
        .toList();
  }
}
