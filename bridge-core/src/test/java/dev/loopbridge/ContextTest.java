package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.spi.CallTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The context of a caller is restored in the callbacks of its calls, and does not stay on the loop.
 */
class ContextTest {

  private static final ThreadLocal<String> WHO = new ThreadLocal<>();

  private static final ContextCarrier CARRIER =
      target -> {
        String who = WHO.get();
        return who == null ? null : () -> become(who);
      };

  private static final List<JavaHandler<Long, Long>> KINDS =
      List.of(
          JavaHandler.of(Long.class, Long.class, ContextTest::seen),
          JavaHandler.stage(
              Long.class, Long.class, number -> CompletableFuture.completedFuture(seen(number))),
          JavaHandler.stage(
              Long.class,
              Long.class,
              number -> {
                long seen = seen(number);
                return CompletableFuture.supplyAsync(() -> seen);
              }),
          JavaHandler.answering(
              Long.class,
              Long.class,
              (number, answer) -> {
                answer.value(seen(number));
                return null;
              }));

  private final NativeRuntime runtime = runtime(CARRIER);
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  @AfterEach
  void closeAll() throws Exception {
    WHO.remove();
    assertThat(OnLoop.call(loop, WHO::get)).as("left on the loop").isNull();
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private static NativeRuntime runtime(ContextCarrier carrier) {
    return NativeRuntime.builder(Builtin.library()).workerThreads(2).context(carrier).build();
  }

  private static ContextCarrier.Scope become(String who) {
    String before = WHO.get();
    WHO.set(who);
    return () -> WHO.set(before);
  }

  /** The number if the callback ran in the context of its own call. */
  private static long seen(long number) {
    return ("caller " + number).equals(WHO.get()) ? number : -1;
  }

  static Stream<Arguments> matrix() {
    return Builtin.asking()
        .flatMap(
            name -> IntStream.range(0, KINDS.size()).mapToObj(kind -> Arguments.of(name, kind)));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private NativeCall<Long> yielding() {
    return runtime.function("yieldTimes", Long.class, long.class).call(3L);
  }

  private <R> CompletableFuture<R> started(NativeCall<R> call) {
    return call.toFuture(loop);
  }

  @ParameterizedTest
  @MethodSource("matrix")
  void handlersAndDependentsSeeTheCallers(String name, int kind) throws Exception {
    NativeFunction<Long> ask = runtime.function(name, Long.class, long.class, JavaHandler.class);
    // All calls at once, so that callbacks of one drain follow one another.
    List<CompletableFuture<Long>> all =
        IntStream.range(0, 200)
            .mapToObj(
                number -> {
                  WHO.set("caller " + number);
                  return started(ask.call((long) number, KINDS.get(kind)))
                      .thenApply(ContextTest::seen);
                })
            .toList();
    WHO.remove();
    for (int number = 0; number < all.size(); number++) {
      assertThat(get(all.get(number))).isEqualTo(number);
    }
  }

  @Test
  void theLoopHasItsOwnAgainAfterACallOfItsOwn() throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    OnLoop.call(
        loop,
        () -> {
          ContextCarrier.Scope scope = become("the loop's task");
          try {
            return started(yielding()).thenAccept(value -> seen.complete(WHO.get()));
          } finally {
            scope.close();
          }
        });
    assertThat(get(seen)).isEqualTo("the loop's task");
    assertThat(OnLoop.call(loop, WHO::get)).isNull();
  }

  @Test
  void promisesErrorsAndRefusalsComeInContextToo() throws Exception {
    WHO.set("caller");
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(Builtin.blockedUntil(release)); // until the observer is registered
    CompletableFuture<String> listened = new CompletableFuture<>();
    yielding().toPromise(loop.executor()).addListener(done -> listened.complete(WHO.get()));
    NativeCall<Void> fail =
        runtime.function("fail", Void.class, String.class, int.class).call("no luck", 0);
    CompletableFuture<String> failed =
        started(fail).handle((value, error) -> error.getMessage() + " " + WHO.get());
    release.countDown();
    assertThat(get(listened)).isEqualTo("caller");
    assertThat(get(failed)).isEqualTo("no luck caller");
    runtime.close();
    CompletableFuture<String> refused = new CompletableFuture<>();
    yielding().start(loop, target(error -> refused.complete(WHO.get())));
    assertThat(get(refused)).isEqualTo("caller");
  }

  private static CallTarget<Long> target(Function<Throwable, ?> ended) {
    return new CallTarget<>() {
      @Override
      public void value(Long value) {
        ended.apply(null);
      }

      @Override
      public void error(Throwable error) {
        ended.apply(error);
      }
    };
  }

  @Test
  void aTargetThatThrowsLeavesNothing() throws Exception {
    WHO.set("caller");
    CompletableFuture<String> seen = new CompletableFuture<>();
    Function<Throwable, ?> throwing =
        error -> {
          seen.complete(WHO.get());
          throw new IllegalStateException("on purpose");
        };
    yielding().start(loop, target(throwing));
    assertThat(get(seen)).isEqualTo("caller");
    assertThat(OnLoop.call(loop, WHO::get)).isNull();
  }

  @Test
  void aCancellationRunsInTheContextOfTheCallItCameWith() throws Exception {
    CompletableFuture<Void> began = new CompletableFuture<>();
    CompletableFuture<String> cancelled = new CompletableFuture<>();
    JavaHandler<Long, Long> never =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              began.complete(null);
              return () -> cancelled.complete(WHO.get());
            });
    WHO.set("caller");
    CompletableFuture<Long> asked =
        started(runtime.function("ask", Long.class, long.class, JavaHandler.class).call(1L, never));
    get(began);
    WHO.set("canceller");
    asked.cancel(false);
    assertThat(get(cancelled)).isEqualTo("caller");
  }

  @Test
  void aHandlerThatRustKeepsKeepsItsContext() throws Exception {
    JavaHandler<Long, Long> handler = KINDS.get(0);
    WHO.set("caller 7");
    get(started(runtime.function("keepHandler", Void.class, JavaHandler.class).call(handler)));
    WHO.set("another");
    CompletableFuture<String> seen =
        started(runtime.function("askKept", Long.class, long.class).call(7L))
            .thenApply(answer -> answer + " " + WHO.get());
    assertThat(get(seen)).isEqualTo("7 another");
    get(started(runtime.function("forgetHandler", Void.class).call()));
  }

  @Test
  void aCallOfAHandlersBodyHasItToo() throws Exception {
    JavaHandler<Long, Long> nested =
        JavaHandler.stage(
            Long.class, Long.class, number -> started(yielding()).thenApply(value -> seen(number)));
    WHO.set("caller 5");
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    assertThat(get(started(ask.call(5L, nested)))).isEqualTo(5);
  }

  @Test
  void aRawCallbackHasNoneButItsHandlersHave() throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CompletableFuture<String> settled = new CompletableFuture<>();
    OnLoop.call(
        loop,
        () -> {
          ContextCarrier.Scope scope = become("caller 3");
          try {
            return ask.call(3L, KINDS.get(0))
                .start(
                    runtime.on(loop),
                    (ticket, result) -> settled.complete(result.longValue() + " " + WHO.get()));
          } finally {
            scope.close();
          }
        });
    assertThat(get(settled)).isEqualTo("3 null");
  }

  @Test
  void aTaskIsCarriedByHand() {
    List<String> seen = new ArrayList<>();
    Runnable task = () -> seen.add(WHO.get());
    assertThat(runtime.carrying(task)).isSameAs(task);
    WHO.set("caller");
    Runnable carried = runtime.carrying(task);
    WHO.set("another");
    carried.run();
    assertThat(seen).containsExactly("caller");
    assertThat(WHO.get()).isEqualTo("another");
  }

  @Test
  void aCarrierThatThrowsEndsNoCall() throws Exception {
    ConcurrentLinkedQueue<String> thrown = new ConcurrentLinkedQueue<>();
    Function<String, IllegalStateException> failure =
        where -> {
          thrown.add(where);
          return new IllegalStateException("on purpose, in " + where);
        };
    List<ContextCarrier> carriers =
        List.of(
            target -> {
              throw failure.apply("capture");
            },
            target ->
                () -> {
                  throw failure.apply("restore");
                },
            target ->
                () ->
                    () -> {
                      throw failure.apply("close");
                    });
    for (ContextCarrier carrier : carriers) {
      NativeRuntime failing = runtime(carrier);
      NativeFunction<Long> add = failing.function("add", Long.class, long.class, long.class);
      assertThat(get(started(add.call(1L, 2L)))).isEqualTo(3);
      Builtin.closeAndAwaitNothingLeft(failing);
    }
    assertThat(thrown).containsExactly("capture", "restore", "close");
  }
}
