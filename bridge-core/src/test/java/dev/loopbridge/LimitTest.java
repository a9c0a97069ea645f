package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit counts calls, as users do; the objects that Rust holds have a limit of their own. */
class LimitTest {

  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  private NativeRuntime runtime;

  @AfterEach
  void closeAll() {
    Builtin.awaitNothingLeft(runtime);
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private void open(int maxInFlight) {
    runtime =
        NativeRuntime.builder(Builtin.library()).workerThreads(1).maxInFlight(maxInFlight).build();
  }

  private <R> CompletableFuture<R> start(NativeCall<R> call) {
    return call.toFuture(loop);
  }

  private static void assertRefused(CompletableFuture<?> call, String reason) {
    assertThatThrownBy(call::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(TooManyInFlightException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 64, 500})
  void aCallCountsOnceWhateverItPasses(int limit) {
    open(limit);
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    CompletableFuture<Long> answer = new CompletableFuture<>();
    JavaHandler<Long, Long> waiting =
        JavaHandler.stage(Long.class, Long.class, id -> answer.copy());
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    for (int i = 0; i < limit; i++) {
      asked.add(start(ask.call(1L, waiting)));
    }
    Builtin.eventually().until(() -> runtime.metrics().liveInvocations() == limit);
    assertRefused(
        start(ask.call(1L, waiting)),
        limit + " calls are in flight on " + loop + ", the limit is " + limit);
    assertRefused(start(runtime.function("noop", Void.class).call()), "the limit is " + limit);
    answer.complete(7L);
    asked.forEach(call -> assertThat(call.join()).isEqualTo(7));
  }

  @Test
  void whatRustHoldsIsLimitedInWordsOfItsOwn() {
    open(4);
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    JavaHandler<Long, Long> same = JavaHandler.of(Long.class, Long.class, Function.identity());
    assertRefused(
        start(ask.call(1L, same.atOnce(1_000))),
        "this call takes 1002 places of " + loop + ", of whose 128 the calls in flight take 0");
    assertThat(start(ask.call(1L, same.atOnce(90))).join()).isEqualTo(1);
  }

  @Test
  void objectsThatRustKeepsTakeNoPlaceOfACall() {
    open(1);
    NativeFunction<Void> keep = runtime.function("keepObject", Void.class, LoopRef.class);
    LoopRef<String> object = LoopRef.of(loop, "text");
    start(keep.call(object)).join();
    Builtin.eventually().until(() -> runtime.metrics().liveCalls() == 0);
    assertThat(runtime.metrics().heldObjects()).isEqualTo(1);
    start(runtime.function("noop", Void.class).call()).join();
    start(runtime.function("forgetObject", Void.class).call()).join();
  }
}
