package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.Builtin;
import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OnLoop;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.integration.Slf4jThreadLocalAccessor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MDC;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/**
 * The context of a caller is restored in the callbacks of its calls, by each way to start one, and
 * stays on no thread.
 */
class ContextMatrixTest {

  private static final String NUMBER = "number";
  private static final int AT_ONCE = 100;

  private final NativeRuntime runtime =
      NativeRuntime.builder(Builtin.library())
          .workerThreads(2)
          .context(ReactorBridge.contextPropagation())
          .build();
  private final NettyLoop loop = Loops.netty();
  private final Scheduler elsewhere = Schedulers.newSingle("elsewhere");

  /** The context in which the caller has its number. */
  enum Carrier {
    /** In the MDC; the call is a stage. */
    MDC_OF_A_STAGE,
    /** In the MDC of the subscribing thread; the call is a Mono. */
    MDC_OF_A_MONO,
    /** In the Context of the subscriber, where the accessor of the MDC reads it. */
    REACTOR_CONTEXT
  }

  /** The kind of handler that Rust asks. */
  enum Asked {
    VALUE,
    STAGE,
    MONO
  }

  static Stream<Arguments> matrix() {
    return Builtin.asking()
        .flatMap(
            name ->
                Stream.of(Carrier.values())
                    .flatMap(
                        carrier ->
                            Stream.of(Asked.values())
                                .flatMap(
                                    asked ->
                                        Stream.of(false, true)
                                            .map(
                                                hooks ->
                                                    Arguments.of(name, carrier, asked, hooks)))));
  }

  /** A new thread inherits the MDC of the thread that makes its Scheduler or loop start it. */
  @BeforeEach
  void startThreads() throws Exception {
    OnLoop.turn(loop);
    on(elsewhere, () -> null);
  }

  @BeforeEach
  void register() {
    ContextRegistry.getInstance().registerThreadLocalAccessor(new Slf4jThreadLocalAccessor());
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    MDC.clear();
    OnLoop.turn(loop); // an open scope closes with the accessors it was opened with
    Hooks.disableAutomaticContextPropagation();
    ContextRegistry.getInstance().removeThreadLocalAccessor(Slf4jThreadLocalAccessor.KEY);
    assertThat(OnLoop.call(loop, MDC::getCopyOfContextMap)).as("left on the loop").isNullOrEmpty();
    assertThat(on(elsewhere, MDC::getCopyOfContextMap)).as("left elsewhere").isNullOrEmpty();
    elsewhere.dispose();
    Loops.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private static <T> T on(Scheduler scheduler, Callable<T> action) throws Exception {
    return Mono.fromCallable(action).subscribeOn(scheduler).toFuture().get(30, TimeUnit.SECONDS);
  }

  /** The number if the callback ran in the context of its own call. */
  private static long seen(long number) {
    return String.valueOf(number).equals(MDC.get(NUMBER)) ? number : -1;
  }

  private JavaHandler<Long, Long> handler(Asked asked, Carrier carrier, boolean hooks) {
    return switch (asked) {
      case VALUE -> JavaHandler.of(Long.class, Long.class, ContextMatrixTest::seen);
      case STAGE ->
          JavaHandler.stage(
              Long.class,
              Long.class,
              number -> {
                long seen = seen(number);
                return CompletableFuture.supplyAsync(() -> seen);
              });
      case MONO ->
          ReactorBridge.handler(
              Long.class,
              Long.class,
              number -> {
                long seen = seen(number);
                return Mono.just(seen)
                    .publishOn(elsewhere)
                    // Reactor restores what is in the Context if its hooks are enabled.
                    .map(value -> hooks && carrier != Carrier.MDC_OF_A_STAGE ? seen(value) : value)
                    .zipWith(Mono.deferContextual(view -> Mono.just(view.hasKey(NUMBER))))
                    .map(
                        both ->
                            both.getT2() == (carrier == Carrier.REACTOR_CONTEXT)
                                ? both.getT1()
                                : -3);
              });
    };
  }

  private CompletableFuture<Long> start(
      NativeCall<Long> call, Carrier carrier, boolean hooks, String number) {
    if (carrier == Carrier.REACTOR_CONTEXT) {
      return mono(call)
          .contextWrite(
              Context.of(Slf4jThreadLocalAccessor.KEY, Map.of(NUMBER, number), NUMBER, number))
          .toFuture();
    }
    MDC.put(NUMBER, number);
    try {
      if (carrier == Carrier.MDC_OF_A_STAGE) {
        return call.toFuture(loop).thenApply(ContextMatrixTest::seen);
      }
      // Reactor restores the captured context in the operators only with its hooks enabled.
      return hooks ? mono(call).contextCapture().toFuture() : mono(call).toFuture();
    } finally {
      MDC.remove(NUMBER);
    }
  }

  private Mono<Long> mono(NativeCall<Long> call) {
    return call.as(ReactorBridge.mono(loop)).map(ContextMatrixTest::seen);
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void nothingIsLost(String name, Carrier carrier, Asked asked, boolean hooks) throws Exception {
    if (hooks) {
      Hooks.enableAutomaticContextPropagation();
    }
    NativeFunction<Long> ask = runtime.function(name, Long.class, long.class, JavaHandler.class);
    JavaHandler<Long, Long> handler = handler(asked, carrier, hooks);
    // All calls at once, so that callbacks of one drain follow one another.
    List<CompletableFuture<Long>> all =
        IntStream.range(0, AT_ONCE)
            .mapToObj(
                number ->
                    start(ask.call((long) number, handler), carrier, hooks, String.valueOf(number)))
            .toList();
    for (int number = 0; number < AT_ONCE; number++) {
      assertThat(all.get(number).get(30, TimeUnit.SECONDS)).isEqualTo(number);
    }
  }
}
