package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.loopbridge.BlockingOnLoopException;
import dev.loopbridge.Builtin;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeClosedException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.Scannable;
import reactor.core.Scannable.Attr;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

/** The behaviour of a call's Mono besides that it settles. */
class NativeMonoTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = Loops.netty();
  private final NativeCall<Long> add =
      runtime.function("add", Long.class, long.class, long.class).call(40L, 2L);
  private final NativeCall<Void> noop = runtime.function("noop", Void.class).call();
  private final NativeCall<Void> never = runtime.function("never", Void.class).call();

  @AfterEach
  void closeAll() {
    Hooks.resetOnErrorDropped();
    Builtin.awaitNothingLeft(runtime);
    Loops.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Test
  void nothingStartsBeforeTheFirstRequest() throws Exception {
    Mono<Long> mono = add.as(ReactorBridge.mono(loop));
    OnLoop.turn(loop);
    assertThat(runtime.metrics().submissions()).isZero();
    StepVerifier.create(mono, 0)
        .expectSubscription()
        .then(() -> assertThat(runtime.metrics().submissions()).isZero())
        .thenRequest(1)
        .expectNext(42L)
        .verifyComplete();
    assertThat(runtime.metrics().callsBegun()).isEqualTo(1);
  }

  @Test
  void eachSubscriptionIsOneCall() {
    Mono<Long> mono = add.as(ReactorBridge.mono(loop));
    StepVerifier.create(mono.repeat(9)).expectNextCount(10).verifyComplete();
    StepVerifier.create(mono, 1).expectNext(42L).thenRequest(5).verifyComplete();
    assertThat(runtime.metrics().callsBegun()).isEqualTo(11);
  }

  @Test
  void unitAndNoneCompleteEmpty() {
    StepVerifier.create(noop.as(ReactorBridge.mono(loop))).verifyComplete();
    NativeCall<String> none =
        runtime.function("echoOptionalString", String.class, String.class).call((Object) null);
    StepVerifier.create(none.as(ReactorBridge.mono(loop)).defaultIfEmpty("none"))
        .expectNext("none")
        .verifyComplete();
  }

  /** {@code None} is an empty Mono; {@code repeat} subscribes to it again without end. */
  @Test
  void pagesEndWithAnEmptyOne() {
    NativeFunction<Long> page = runtime.function("echoOptionalLong", Long.class, Long.class);
    AtomicLong next = new AtomicLong();
    Mono<Long> pages =
        Mono.defer(
            () -> {
              long number = next.incrementAndGet();
              return page.call(number < 4 ? number : null).as(ReactorBridge.mono(loop));
            });
    StepVerifier.create(pages.repeatWhen(counts -> counts.takeWhile(emitted -> emitted > 0)))
        .expectNext(1L, 2L, 3L)
        .verifyComplete();
    assertThat(next).hasValue(4);
  }

  @Test
  void theOwnerIsTheLoopTheSubscriberIsOn() throws Exception {
    AtomicReference<Thread> settledOn = new AtomicReference<>();
    Mono<Long> mono =
        add.as(ReactorBridge.<Long>mono()).doOnNext(sum -> settledOn.set(Thread.currentThread()));
    Thread loopThread =
        OnLoop.call(
            loop,
            () -> {
              mono.subscribe();
              return Thread.currentThread();
            });
    await().atMost(Builtin.PATIENCE).until(() -> settledOn.get() != null);
    assertThat(settledOn.get()).isSameAs(loopThread);
    assertThat(runtime.metrics().livePorts()).isEqualTo(1);
  }

  @Test
  void elsewhereTheOwnerIsTheDefaultLoop() {
    AtomicReference<Boolean> inLoop = new AtomicReference<>();
    OwnerLoop defaultLoop = runtime.currentLoop();
    Long sum =
        add.as(ReactorBridge.<Long>mono())
            .doOnNext(value -> inLoop.set(defaultLoop.inLoop()))
            .block(Builtin.PATIENCE);
    assertThat(sum).isEqualTo(42L);
    assertThat(inLoop.get()).isTrue();
  }

  @Test
  void timeoutDropsTheRustFuture() {
    StepVerifier.create(never.as(ReactorBridge.mono(loop)).timeout(Duration.ofMillis(1)))
        .verifyError(java.util.concurrent.TimeoutException.class);
    Builtin.awaitNothingLeft(runtime);
    await().atMost(Builtin.PATIENCE).until(() -> runtime.metrics().liveCalls() == 0);
  }

  @Test
  void retrySubscribesAgain() {
    NativeCall<Void> fail =
        runtime.function("fail", Void.class, String.class, int.class).call("no luck", 0);
    StepVerifier.create(fail.as(ReactorBridge.mono(loop)).retry(4))
        .verifyErrorSatisfies(
            e -> assertThat(e).isInstanceOf(NativeException.class).hasMessage("no luck"));
    assertThat(runtime.metrics().callsBegun()).isEqualTo(5);
  }

  @Test
  void operatorsSeeTheContextFromDownstream() {
    Mono<String> mono =
        add.as(ReactorBridge.mono(loop))
            .flatMap(sum -> Mono.deferContextual(view -> Mono.just(view.get("user") + ":" + sum)))
            .contextWrite(Context.of("user", "ann"));
    StepVerifier.create(mono).expectNext("ann:42").verifyComplete();
  }

  @Test
  void requestsThatAreNotPositiveStartNothing() throws Exception {
    AtomicReference<Subscription> held = new AtomicReference<>();
    List<Throwable> errors = new CopyOnWriteArrayList<>();
    add.as(ReactorBridge.mono(loop))
        .subscribe(
            new org.reactivestreams.Subscriber<Long>() {
              @Override
              public void onSubscribe(Subscription subscription) {
                held.set(subscription);
              }

              @Override
              public void onNext(Long sum) {}

              @Override
              public void onError(Throwable error) {
                errors.add(error);
              }

              @Override
              public void onComplete() {}
            });
    held.get().request(0);
    OnLoop.turn(loop);
    assertThat(errors).hasSize(1);
    assertThat(errors.get(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3.9");
    assertThat(runtime.metrics().submissions()).isZero();
  }

  @Test
  void scanReportsTheState() throws Exception {
    AtomicReference<Subscription> held = new AtomicReference<>();
    BaseSubscriber<Void> subscriber =
        new BaseSubscriber<>() {
          @Override
          protected void hookOnSubscribe(Subscription subscription) {
            held.set(subscription);
          }
        };
    Mono<Void> mono = never.as(ReactorBridge.mono(loop));
    Scannable source = Scannable.from(mono);
    assertThat(source.scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.ASYNC);
    assertThat(source.stepName()).isEqualTo("native(never)");
    assertThat(mono).hasToString("NativeMono(async never()->unit)");
    mono.subscribe(subscriber);
    Scannable state = Scannable.from(held.get());
    assertThat(state.scanUnsafe(Attr.ACTUAL)).isSameAs(subscriber);
    assertThat(state.scan(Attr.RUN_STYLE)).isEqualTo(Attr.RunStyle.ASYNC);
    assertThat(state.scan(Attr.PREFETCH)).isZero();
    assertThat(state.scan(Attr.REQUESTED_FROM_DOWNSTREAM)).isZero();
    assertThat(state.scan(Attr.CANCELLED)).isFalse();
    subscriber.requestUnbounded();
    assertThat(state.scan(Attr.REQUESTED_FROM_DOWNSTREAM)).isEqualTo(1);
    assertThat(state.scan(Attr.TERMINATED)).isFalse();
    subscriber.cancel();
    assertThat(state.scan(Attr.CANCELLED)).isTrue();
    assertThat(state.scan(Attr.TERMINATED)).isFalse();
  }

  @Test
  void scanReportsTheEnd() {
    AtomicReference<Scannable> state = new AtomicReference<>();
    add.as(ReactorBridge.mono(loop))
        .doOnSubscribe(subscription -> state.set(Scannable.from(subscription)))
        .block(Builtin.PATIENCE);
    await().atMost(Builtin.PATIENCE).until(() -> state.get().scan(Attr.TERMINATED));
    assertThat(state.get().scan(Attr.CANCELLED)).isFalse();
  }

  @Test
  void assemblyHooksApply() {
    Hooks.onEachOperator("tag", Operators.lift((source, subscriber) -> subscriber));
    try {
      assertThat(add.as(ReactorBridge.mono(loop))).isNotInstanceOf(NativeMono.class);
    } finally {
      Hooks.resetOnEachOperator("tag");
    }
    assertThat(add.as(ReactorBridge.mono(loop))).isInstanceOf(NativeMono.class);
  }

  @Test
  void blockingOnALoopThrowsAtOnceAndNamesIt() throws Exception {
    Mono<Long> mono = add.as(ReactorBridge.mono());
    OnLoop.call(
        loop,
        () -> {
          List<Runnable> ways =
              List.of(
                  mono::block,
                  () -> mono.block(Duration.ofSeconds(1)),
                  mono::blockOptional,
                  () -> mono.blockOptional(Duration.ofSeconds(1)));
          for (Runnable way : ways) {
            assertThatThrownBy(way::run)
                .isInstanceOf(BlockingOnLoopException.class)
                .hasMessageContaining(loop.toString())
                .hasMessageContaining(Thread.currentThread().getName());
          }
          return null;
        });
    assertThat(runtime.metrics().submissions()).isZero();
    assertThat(mono.blockOptional(Builtin.PATIENCE)).contains(42L);
  }

  @Test
  void operatorsRefuseToBlockOnEveryLoop() throws Exception {
    Mono<Long> chained = add.as(ReactorBridge.<Long>mono()).map(sum -> sum + 1);
    OwnerLoop reactor =
        ReactorBridge.loop(
            Schedulers.fromExecutor(java.util.concurrent.Executors.newSingleThreadExecutor()));
    for (OwnerLoop each : List.of(loop, runtime.currentLoop(), reactor)) {
      OnLoop.call(
          each,
          () -> {
            assertThatThrownBy(chained::block)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(
                    "not supported in thread " + Thread.currentThread().getName());
            assertThatThrownBy(add.as(ReactorBridge.mono())::block)
                .isInstanceOf(BlockingOnLoopException.class)
                .hasMessageContaining(each.toString());
            return null;
          });
    }
    assertThat(chained.block(Builtin.PATIENCE)).isEqualTo(43L);
  }

  @Test
  void anErrorOfASubscriberIsReported() throws Exception {
    List<Throwable> dropped = new CopyOnWriteArrayList<>();
    Hooks.onErrorDropped(dropped::add);
    add.as(ReactorBridge.mono(loop)).subscribe(new Throwing(new IllegalStateException("mine")));
    await().atMost(Builtin.PATIENCE).until(() -> dropped.size() == 1);
    assertThat(dropped.get(0)).isInstanceOf(IllegalStateException.class).hasMessage("mine");
    OnLoop.turn(loop);
  }

  @Test
  void aFatalErrorOfASubscriberLeavesTheLoopAlive() throws Exception {
    List<Throwable> dropped = new CopyOnWriteArrayList<>();
    Hooks.onErrorDropped(dropped::add);
    Throwing throwing = new Throwing(Exceptions.bubble(new IllegalStateException("mine")));
    add.as(ReactorBridge.mono(loop)).subscribe(throwing);
    assertThat(throwing.entered.await(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
    assertThat(add.as(ReactorBridge.mono(loop)).block(Builtin.PATIENCE)).isEqualTo(42L);
    assertThat(dropped).isEmpty();
  }

  @Test
  void aClosedRuntimeIsAnErrorOnTheLoop() {
    NativeRuntime closed = Builtin.runtime();
    Mono<Void> mono = closed.function("noop", Void.class).call().as(ReactorBridge.mono(loop));
    closed.close();
    AtomicReference<Boolean> inLoop = new AtomicReference<>();
    StepVerifier.create(mono.doOnError(e -> inLoop.set(loop.inLoop())))
        .verifyError(RuntimeClosedException.class);
    assertThat(inLoop.get()).isTrue();
  }

  @Test
  void nullsAreNamed() {
    assertThatThrownBy(() -> ReactorBridge.mono(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("owner loop");
    assertThatThrownBy(() -> ReactorBridge.scheduler(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("owner loop");
    assertThatThrownBy(() -> ReactorBridge.loop(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("Schedulers.newSingle");
  }

  private static final class Throwing implements CoreSubscriber<Long> {

    private final RuntimeException thrown;
    private final CountDownLatch entered = new CountDownLatch(1);

    private Throwing(RuntimeException thrown) {
      this.thrown = thrown;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(1);
    }

    @Override
    public void onNext(Long sum) {
      entered.countDown();
      throw thrown;
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onComplete() {}
  }

  /** A user's loop whose end cannot be watched. */
  private record Unwatchable(OwnerLoop loop) implements OwnerLoop {

    @Override
    public boolean inLoop() {
      return loop.inLoop();
    }

    @Override
    public void execute(Runnable task) {
      loop.execute(task);
    }

    @Override
    public Runnable onTermination(Runnable action) {
      throw new IllegalStateException("the end cannot be watched");
    }
  }

  @Test
  void aPortThatCannotBeOpenedIsAnErrorOnTheLoop() {
    AtomicReference<Boolean> onLoop = new AtomicReference<>();
    Mono<Long> mono = add.as(ReactorBridge.mono(new Unwatchable(loop)));
    StepVerifier.create(mono.doOnError(error -> onLoop.set(loop.inLoop())))
        .expectErrorMessage("the end cannot be watched")
        .verify(Builtin.PATIENCE);
    assertThat(onLoop).hasValue(true);
  }

  /**
   * The signal that overflows the stack comes from the subscriber; its error comes in another task.
   */
  @Test
  void aSignalThatTheJvmHadNoStackForComesAgainAsAnError() {
    AtomicReference<Throwable> received = new AtomicReference<>();
    add.as(ReactorBridge.mono(loop))
        .subscribe(
            new BaseSubscriber<>() {
              @Override
              protected void hookOnNext(Long value) {
                overflow(0);
              }

              private int overflow(int depth) {
                return overflow(depth + 1) + 1;
              }

              @Override
              protected void hookOnError(Throwable error) {
                received.set(error);
              }
            });
    await()
        .atMost(Builtin.PATIENCE)
        .untilAsserted(() -> assertThat(received.get()).isInstanceOf(StackOverflowError.class));
  }
}
