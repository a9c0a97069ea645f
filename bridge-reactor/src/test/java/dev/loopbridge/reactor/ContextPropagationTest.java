package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.Builtin;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import io.micrometer.context.ContextRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * Thread locals, such as a logging context, are restored for the subscription and stay on no loop.
 */
class ContextPropagationTest {

  private static final String KEY = "log";
  private static final ThreadLocal<String> LOG = new ThreadLocal<>();

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = Loops.netty();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  @BeforeEach
  void enable() {
    ContextRegistry.getInstance().registerThreadLocalAccessor(KEY, LOG::get, LOG::set, LOG::remove);
    Hooks.enableAutomaticContextPropagation();
  }

  @AfterEach
  void closeAll() throws Exception {
    LOG.remove();
    OnLoop.turn(loop); // an open scope closes with the accessors it was opened with
    Hooks.disableAutomaticContextPropagation();
    ContextRegistry.getInstance().removeThreadLocalAccessor(KEY);
    assertThat(OnLoop.call(loop, LOG::get)).as("left on the loop").isNull();
    Loops.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private void see(String signal) {
    seen.add(signal + " " + LOG.get() + (loop.inLoop() ? "" : " elsewhere"));
  }

  private <R> Mono<R> seen(Mono<R> mono) {
    return mono.doOnNext(value -> see("next"))
        .doOnSuccess(value -> see("complete"))
        .doOnError(error -> see("error"));
  }

  private NativeCall<Long> yielding() {
    return runtime.function("yieldTimes", Long.class, long.class).call(3L);
  }

  @Test
  void restoredForAValue() {
    LOG.set("request-1");
    seen(yielding().as(ReactorBridge.mono(loop))).block(Builtin.PATIENCE);
    assertThat(seen).containsExactly("next request-1", "complete request-1");
  }

  @Test
  void restoredForAnEmptyCompletion() {
    LOG.set("request-2");
    seen(runtime.function("noop", Void.class).call().as(ReactorBridge.mono(loop)))
        .block(Builtin.PATIENCE);
    assertThat(seen).containsExactly("complete request-2");
  }

  @Test
  void restoredForAnError() {
    LOG.set("request-3");
    NativeCall<Void> fail =
        runtime.function("fail", Void.class, String.class, int.class).call("no luck", 0);
    seen(fail.as(ReactorBridge.mono(loop))).onErrorComplete().block(Builtin.PATIENCE);
    assertThat(seen).containsExactly("error request-3");
  }

  @Test
  void restoredInsideOtherOperators() {
    LOG.set("request-4");
    seen(Mono.just(1).flatMap(one -> yielding().as(ReactorBridge.mono(loop))))
        .block(Builtin.PATIENCE);
    assertThat(seen).containsExactly("next request-4", "complete request-4");
  }

  @Test
  void restoredInTheMonoOfAHandler() {
    LOG.set("request-6");
    JavaHandler<Long, Long> handler =
        ReactorBridge.handler(
            Long.class,
            Long.class,
            number -> {
              see("body");
              return Mono.delay(Duration.ofMillis(1))
                  .publishOn(ReactorBridge.scheduler(loop))
                  .map(tick -> number)
                  .doOnNext(answer -> see("answer"));
            });
    seen(runtime
            .function("askNested", Long.class, long.class, JavaHandler.class)
            .call(1L, handler)
            .as(ReactorBridge.mono(loop)))
        .block(Builtin.PATIENCE);
    assertThat(seen)
        .containsExactly(
            "body request-6", "answer request-6", "next request-6", "complete request-6");
  }

  @Test
  void takenFromTheContextOfASubscriber() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    yielding()
        .as(ReactorBridge.mono(loop))
        .subscribe(
            new BaseSubscriber<Long>() {
              @Override
              public Context currentContext() {
                return Context.of(KEY, "request-5");
              }

              @Override
              protected void hookOnNext(Long value) {
                see("next");
              }

              @Override
              protected void hookOnComplete() {
                see("complete");
                done.countDown();
              }
            });
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(seen).containsExactly("next request-5", "complete request-5");
  }

  @Test
  void callsOfOneDrainKeepTheirOwn() {
    CountDownLatch release = Loops.hold(loop);
    Flux<String> all =
        Flux.range(0, 100)
            .flatMap(
                number ->
                    yielding()
                        .as(ReactorBridge.mono(loop))
                        .map(value -> number + " " + LOG.get())
                        .contextWrite(Context.of(KEY, "request-" + number)),
                100);
    release.countDown();
    assertThat(all.collectList().block(Builtin.PATIENCE))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 100).mapToObj(i -> i + " request-" + i).toList());
  }
}
