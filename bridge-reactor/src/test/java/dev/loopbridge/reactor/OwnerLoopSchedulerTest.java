package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.Builtin;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import dev.loopbridge.OwnerLoop;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** A Scheduler whose tasks run on an owner loop that it does not own. */
class OwnerLoopSchedulerTest {

  private final NettyLoop netty = Loops.netty();
  private final Scheduler single = Schedulers.newSingle("owner");
  private OwnerLoop loop = netty;
  private Scheduler scheduler = ReactorBridge.scheduler(loop);

  /** The kind of loop: with timers, or without, where Reactor keeps the time. */
  enum Kind {
    NETTY,
    REACTOR
  }

  private void use(Kind kind) {
    if (kind == Kind.REACTOR) {
      loop = ReactorBridge.loop(single);
      scheduler = ReactorBridge.scheduler(loop);
    }
  }

  @AfterEach
  void end() {
    scheduler.dispose();
    Loops.end(netty);
    single.dispose();
  }

  private static void reached(AtomicInteger count, int expected) {
    await().atMost(Builtin.PATIENCE).until(() -> count.get() >= expected);
  }

  @Test
  void runsTasksOnTheLoop() {
    AtomicReference<Boolean> inLoop = new AtomicReference<>();
    Disposable task = scheduler.schedule(() -> inLoop.set(loop.inLoop()));
    await().atMost(Builtin.PATIENCE).until(task::isDisposed);
    assertThat(inLoop.get()).isTrue();
  }

  @Test
  void runsInlineWhenAlreadyThere() throws Exception {
    boolean inside =
        OnLoop.call(
            loop,
            () -> {
              AtomicBoolean ran = new AtomicBoolean();
              Disposable task = scheduler.schedule(() -> ran.set(true));
              return ran.get() && task.isDisposed();
            });
    assertThat(inside).isTrue();
    AtomicBoolean inWorker = new AtomicBoolean();
    Scheduler.Worker worker = scheduler.createWorker();
    OnLoop.call(
        loop,
        () -> {
          worker.schedule(() -> inWorker.set(true));
          assertThat(inWorker).isTrue();
          return null;
        });
    worker.dispose();
  }

  @Test
  void publishOnTheSameLoopDeliversAtOnce() throws Exception {
    List<Integer> received =
        OnLoop.call(
            loop,
            () -> {
              List<Integer> list = new ArrayList<>();
              Flux.range(0, 1_000).publishOn(scheduler).subscribe(list::add);
              return list;
            });
    assertThat(received).hasSize(1_000);
  }

  @Test
  void nestingIsBounded() throws Exception {
    int deep = 100_000;
    AtomicInteger left = new AtomicInteger(deep);
    AtomicInteger depth = new AtomicInteger();
    AtomicInteger deepest = new AtomicInteger();
    Runnable nest =
        new Runnable() {
          @Override
          public void run() {
            deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
            if (left.decrementAndGet() > 0) {
              scheduler.schedule(this);
            }
            depth.decrementAndGet();
          }
        };
    OnLoop.call(loop, () -> scheduler.schedule(nest));
    await().atMost(Builtin.PATIENCE).untilAtomic(left, org.hamcrest.Matchers.is(0));
    // A queued task, and the tasks that run inside of it.
    assertThat(deepest.get()).isBetween(2, 1 + OwnerLoopScheduler.NESTED_TASKS);
  }

  @Test
  void aWorkerDoesNotNestItsOwnTasks() throws Exception {
    Scheduler.Worker worker = scheduler.createWorker();
    List<Integer> order =
        OnLoop.call(
            loop,
            () -> {
              List<Integer> list = new ArrayList<>();
              worker.schedule(
                  () -> {
                    worker.schedule(() -> list.add(2));
                    list.add(1);
                  });
              return list;
            });
    assertThat(order).containsExactly(1, 2);
    worker.dispose();
  }

  @Test
  void aWorkerThatFeedsItselfLetsTheLoopGoOn() throws Exception {
    Scheduler.Worker worker = scheduler.createWorker();
    Runnable forEver =
        new Runnable() {
          @Override
          public void run() {
            if (!worker.isDisposed()) {
              worker.schedule(this);
            }
          }
        };
    worker.schedule(forEver);
    for (int i = 0; i < 100; i++) {
      OnLoop.turn(loop);
    }
    worker.dispose();
    OnLoop.turn(loop);
  }

  @Test
  void workersKeepTheOrderOfOneThread() {
    Scheduler.Worker worker = scheduler.createWorker();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 10_000; i++) {
      int number = i;
      worker.schedule(() -> order.add(number));
    }
    await().atMost(Builtin.PATIENCE).until(() -> order.size() == 10_000);
    assertThat(order).isEqualTo(IntStream.range(0, 10_000).boxed().toList());
    worker.dispose();
  }

  @Test
  void aTaskFromTheLoopDoesNotOvertakeWhatIsQueued() throws Exception {
    Scheduler.Worker worker = scheduler.createWorker();
    List<String> order = new CopyOnWriteArrayList<>();
    CountDownLatch release = Loops.hold(loop);
    loop.execute(() -> worker.schedule(() -> order.add("inside")));
    worker.schedule(() -> order.add("outside"));
    release.countDown();
    OnLoop.turn(loop);
    assertThat(order).containsExactly("outside", "inside");
    worker.dispose();
  }

  @ParameterizedTest
  @EnumSource
  void delaysRunOnTheLoopInOrder(Kind kind) {
    use(kind);
    Scheduler.Worker worker = scheduler.createWorker();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger outside = new AtomicInteger();
    long start = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      int number = i;
      worker.schedule(
          () -> {
            order.add(number);
            outside.addAndGet(loop.inLoop() ? 0 : 1);
          },
          20,
          TimeUnit.MILLISECONDS);
    }
    await().atMost(Builtin.PATIENCE).until(() -> order.size() == 100);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(20_000_000);
    assertThat(order).isEqualTo(IntStream.range(0, 100).boxed().toList());
    assertThat(outside).hasValue(0);
    worker.dispose();
  }

  @ParameterizedTest
  @EnumSource
  void delaysKeepTheirOrderWhenTheLoopIsLate(Kind kind) throws Exception {
    use(kind);
    Scheduler.Worker worker = scheduler.createWorker();
    List<Integer> order = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < 100; i++) {
      int number = i;
      worker.schedule(() -> order.add(number), 50, TimeUnit.MILLISECONDS);
    }
    OnLoop.turn(loop);
    CountDownLatch release = Loops.hold(loop);
    for (int i = 100; i < 200; i++) {
      int number = i;
      worker.schedule(() -> order.add(number), 50, TimeUnit.MILLISECONDS);
    }
    long due = System.nanoTime() + 50_000_000;
    await().atMost(Builtin.PATIENCE).until(() -> System.nanoTime() - due > 0);
    release.countDown();
    await().atMost(Builtin.PATIENCE).until(() -> order.size() == 200);
    assertThat(order).isEqualTo(IntStream.range(0, 200).boxed().toList());
    worker.dispose();
  }

  @ParameterizedTest
  @EnumSource
  void theLongestDelayHoldsNothingUp(Kind kind) throws Exception {
    use(kind);
    AtomicInteger ran = new AtomicInteger();
    Disposable never = scheduler.schedule(() -> {}, Long.MAX_VALUE, TimeUnit.DAYS);
    OnLoop.call(
        loop,
        () -> {
          Disposable ended = scheduler.schedule(ran::incrementAndGet, 1, TimeUnit.MILLISECONDS);
          ended.dispose();
          return scheduler.schedule(ran::incrementAndGet, 2, TimeUnit.MILLISECONDS);
        });
    reached(ran, 1);
    OnLoop.turn(loop);
    assertThat(ran).hasValue(1);
    assertThat(never.isDisposed()).isFalse();
    never.dispose();
    assertThat(never.isDisposed()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void periodsKeepTheirRate(Kind kind) {
    use(kind);
    AtomicInteger ticks = new AtomicInteger();
    long start = System.nanoTime();
    Disposable periodic =
        scheduler.schedulePeriodically(ticks::incrementAndGet, 1, 5, TimeUnit.MILLISECONDS);
    reached(ticks, 20);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(19 * 5_000_000L);
    periodic.dispose();
    await().atMost(Builtin.PATIENCE).until(periodic::isDisposed);
    // A tick may have been running at the dispose; none runs after a further turn of the loop.
    await()
        .atMost(Builtin.PATIENCE)
        .until(
            () -> {
              int before = ticks.get();
              Mono.delay(Duration.ofMillis(20)).block();
              return ticks.get() == before;
            });
  }

  @Test
  void aPeriodOfZeroLetsTheLoopGoOn() throws Exception {
    AtomicInteger ticks = new AtomicInteger();
    Disposable periodic =
        scheduler.schedulePeriodically(ticks::incrementAndGet, 0, 0, TimeUnit.MILLISECONDS);
    reached(ticks, 100);
    OnLoop.turn(loop);
    periodic.dispose();
  }

  @Test
  void aDisposedTaskDoesNotRun() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    CountDownLatch release = Loops.hold(loop);
    scheduler.schedule(ran::incrementAndGet).dispose();
    scheduler.schedule(ran::incrementAndGet, 1, TimeUnit.MILLISECONDS).dispose();
    Scheduler.Worker worker = scheduler.createWorker();
    worker.schedule(ran::incrementAndGet);
    worker.schedule(ran::incrementAndGet, 1, TimeUnit.MILLISECONDS);
    worker.schedulePeriodically(ran::incrementAndGet, 1, 1, TimeUnit.MILLISECONDS);
    worker.dispose();
    assertThat(worker.isDisposed()).isTrue();
    assertThatThrownBy(() -> worker.schedule(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    release.countDown();
    OnLoop.turn(loop);
    Mono.delay(Duration.ofMillis(20)).block();
    OnLoop.turn(loop);
    assertThat(ran).hasValue(0);
  }

  @ParameterizedTest
  @EnumSource
  void disposeEndsItsTasksAndNothingElse(Kind kind) throws Exception {
    use(kind);
    Scheduler other = ReactorBridge.scheduler(loop);
    AtomicInteger ran = new AtomicInteger();
    AtomicInteger others = new AtomicInteger();
    CountDownLatch release = Loops.hold(loop);
    Scheduler.Worker worker = scheduler.createWorker();
    scheduler.schedule(ran::incrementAndGet);
    worker.schedule(ran::incrementAndGet);
    worker.schedule(ran::incrementAndGet, 1, TimeUnit.MILLISECONDS);
    worker.schedulePeriodically(ran::incrementAndGet, 1, 1, TimeUnit.MILLISECONDS);
    scheduler.schedulePeriodically(ran::incrementAndGet, 1, 1, TimeUnit.MILLISECONDS);
    other.schedulePeriodically(others::incrementAndGet, 1, 1, TimeUnit.MILLISECONDS);
    scheduler.dispose();
    release.countDown();
    reached(others, 10);
    assertThat(ran).hasValue(0);
    assertThat(scheduler.isDisposed()).isTrue();
    assertThat(worker.isDisposed()).isTrue();
    List<Supplier<Object>> refused =
        List.of(
            () -> scheduler.schedule(() -> {}),
            () -> scheduler.schedule(() -> {}, 1, TimeUnit.MILLISECONDS),
            () -> scheduler.schedulePeriodically(() -> {}, 1, 1, TimeUnit.MILLISECONDS),
            () -> worker.schedule(() -> {}, 1, TimeUnit.MILLISECONDS));
    for (Supplier<Object> each : refused) {
      assertThatThrownBy(each::get).isInstanceOf(RejectedExecutionException.class);
    }
    assertThatThrownBy(scheduler::init).isInstanceOf(IllegalStateException.class);
    other.dispose();
    OnLoop.turn(loop);
  }

  @ParameterizedTest
  @EnumSource
  void aLoopThatIsGoneRejects(Kind kind) throws Exception {
    use(kind);
    CountDownLatch gone = new CountDownLatch(1);
    loop.onTermination(gone::countDown);
    Loops.end(netty);
    single.dispose();
    assertThat(gone.await(30, TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> scheduler.schedule(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    Scheduler.Worker worker = scheduler.createWorker();
    assertThatThrownBy(() -> worker.schedule(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> scheduler.schedule(() -> {}, 1, TimeUnit.MILLISECONDS))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> worker.schedulePeriodically(() -> {}, 1, 1, TimeUnit.MILLISECONDS))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aTaskThatThrowsHarmsNeitherItsCallerNorTheLoop() throws Exception {
    List<Throwable> uncaught = new CopyOnWriteArrayList<>();
    OnLoop.call(
        loop,
        () -> {
          Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> uncaught.add(e));
          scheduler.schedule(
              () -> {
                throw new IllegalStateException("inline");
              });
          return null;
        });
    scheduler.schedule(
        () -> {
          throw new IllegalStateException("queued");
        });
    OnLoop.turn(loop);
    assertThat(uncaught).extracting(Throwable::getMessage).containsExactly("inline", "queued");
  }

  @Test
  void scheduleHooksApplyToTasksThatChangeThreads() throws Exception {
    AtomicInteger hooked = new AtomicInteger();
    Schedulers.onScheduleHook(
        "count",
        task -> {
          hooked.incrementAndGet();
          return task;
        });
    try {
      OnLoop.call(loop, () -> scheduler.schedule(() -> {}));
      assertThat(hooked).hasValue(0);
      scheduler.schedule(() -> {});
      assertThat(hooked).hasValue(1);
    } finally {
      Schedulers.resetOnScheduleHook("count");
    }
  }

  @Test
  void scanReportsNameAndState() {
    Scannable scanned = Scannable.from(scheduler);
    assertThat(scanned.scan(Attr.NAME)).contains(loop.toString());
    assertThat(scanned.scan(Attr.CAPACITY)).isEqualTo(1);
    assertThat(scanned.scan(Attr.TERMINATED)).isFalse();
    Scheduler.Worker worker = scheduler.createWorker();
    Scannable scannedWorker = Scannable.from(worker);
    assertThat(scannedWorker.scan(Attr.PARENT)).isSameAs(scheduler);
    assertThat(scannedWorker.scan(Attr.NAME)).endsWith(".worker");
    assertThat(scannedWorker.scan(Attr.BUFFERED)).isZero();
    worker.dispose();
    assertThat(scannedWorker.scan(Attr.CANCELLED)).isTrue();
    assertThat(scanned.scan(Attr.TERMINATED)).isFalse();
    scheduler.dispose();
    assertThat(scanned.scan(Attr.TERMINATED)).isTrue();
  }

  @Test
  void theLoopOfItsSchedulerIsTheLoop() {
    assertThat(ReactorBridge.loop(scheduler)).isSameAs(loop);
    EventExecutor executor = netty.executor();
    assertThat(executor.isShuttingDown()).isFalse();
  }
}
