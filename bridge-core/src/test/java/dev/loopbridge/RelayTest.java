package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A handler answers with a call, whose result goes to Rust without another callback in Java. */
class RelayTest extends LoopScene {

  private final NativeFunction<Long> ask = longs("ask");
  private final NativeFunction<Long> yieldTimes =
      runtime.function("yieldTimes", Long.class, long.class);
  private final NativeFunction<Long> add =
      runtime.function("add", Long.class, long.class, long.class);

  RelayTest() {
    super(
        NativeRuntime.builder(Builtin.library())
            .linger(Duration.ZERO) // a loop that looks by itself needs no upcall
            .workerThreads(2)
            .build());
  }

  private NativeFunction<Long> longs(String name) {
    return runtime.function(name, Long.class, long.class, JavaHandler.class);
  }

  private static JavaHandler<Long, Long> calling(Function<Long, NativeCall<Long>> body) {
    return JavaHandler.call(Long.class, Long.class, body);
  }

  // Results

  @Test
  void theResultOfTheCallIsTheAnswer() throws Exception {
    assertThat(run(ask.call(2L, calling(number -> add.call(number, 40L))))).isEqualTo(42);
    assertThat(run(ask.call(5L, calling(yieldTimes::call)))).isEqualTo(5);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void nothingOfTheCallCrossesButTheRecordThatHandsItOver() throws Exception {
    NativeFunction<Long> askInTurn = longs("askInTurn");
    for (Function<Long, NativeCall<Long>> body :
        List.<Function<Long, NativeCall<Long>>>of(
            number -> add.call(number, 1L), number -> yieldTimes.call(3L))) {
      RuntimeMetrics before = runtime.metrics();
      run(askInTurn.call(100L, calling(body)));
      Builtin.awaitNothingLeft(runtime);
      RuntimeMetrics after = runtime.metrics();
      // Records down: the call that asks, and the 100 calls that answer.
      assertThat(after.callsBegun() - before.callsBegun()).isEqualTo(101);
      assertThat(after.submissions() - before.submissions()).isEqualTo(101);
      // Records up: 100 requests, the outcome of the call that asks, and the release of the
      // handler.
      assertThat(after.completions() - before.completions()).isEqualTo(102);
    }
  }

  @Test
  void theEndOfTheCallMakesNoUpcall() throws Exception {
    NativeFunction<Void> keep = runtime.function("keepHandler", Void.class, JavaHandler.class);
    assertThat(run(keep.call(calling(number -> yieldTimes.call(1_000L))))).isNull();
    try (NativeRuntime other = Builtin.runtime()) {
      // The handler is asked from another runtime: nothing else wakes the loop for this one.
      NativeCall<Long> asking = other.function("askKept", Long.class, long.class).call(1L);
      Builtin.eventually().until(() -> runtime.metrics().liveCalls() == 0);
      RuntimeMetrics before = runtime.metrics();
      assertThat(asking.await()).isEqualTo(1_000);
      RuntimeMetrics after = runtime.metrics();
      assertThat(after.wakes() - before.wakes()).isEqualTo(1);
      assertThat(after.completions() - before.completions()).isEqualTo(1);
      assertThat(after.submissions() - before.submissions()).isEqualTo(1);
    }
    run(runtime.function("forgetHandler", Void.class).call());
  }

  @Test
  void aBurstCrossesOnceEachWay() throws Exception {
    NativeFunction<Long> askAtOnce = longs("askAtOnce");
    JavaHandler<Long, Long> all = calling(number -> add.call(number, 1L)).atOnce(1_000);
    RuntimeMetrics before = runtime.metrics();
    assertThat(run(askAtOnce.call(1_000L, all))).isEqualTo(500_500);
    Builtin.awaitNothingLeft(runtime);
    RuntimeMetrics after = runtime.metrics();
    assertThat(after.submissions() - before.submissions()).isEqualTo(1_001);
    assertThat(after.completions() - before.completions()).isEqualTo(1_002);
    assertThat(after.callsBegun() - before.callsBegun()).isEqualTo(1_001);
  }

  @Test
  void argumentsAndResultsOfAnySizeStayWhole() throws Exception {
    NativeFunction<byte[]> askBytes =
        runtime.function("askBytes", byte[].class, byte[].class, JavaHandler.class);
    NativeFunction<byte[]> echo = runtime.function("echo", byte[].class, byte[].class);
    JavaHandler<byte[], byte[]> echoes =
        JavaHandler.call(byte[].class, byte[].class, bytes -> echo.call((Object) bytes));
    for (int length : new int[] {0, 1, 27, 28, 35, 36, 43, 44, 48, 70_000}) {
      byte[] bytes = new byte[length];
      new SplittableRandom(length).nextBytes(bytes);
      assertThat(run(askBytes.call(bytes, echoes))).isEqualTo(bytes);
    }
    NativeFunction<String> askText =
        runtime.function("askText", String.class, String.class, JavaHandler.class);
    NativeFunction<String> echoString = runtime.function("echoString", String.class, String.class);
    JavaHandler<String, String> repeats =
        JavaHandler.call(String.class, String.class, echoString::call);
    for (int length : new int[] {0, 35, 36, 10_000}) {
      String text = "\u00e4".repeat(length);
      assertThat(run(askText.call(text, repeats))).isEqualTo(text);
    }
    NativeFunction<Long> askOptional =
        runtime.function("askOptional", Long.class, String.class, JavaHandler.class);
    NativeFunction<Long> echoOptional =
        runtime.function("echoOptionalLong", Long.class, Long.class);
    JavaHandler<String, Long> optional =
        JavaHandler.call(
            String.class,
            Long.class,
            text -> echoOptional.call(text == null ? null : (Object) Long.valueOf(text)));
    assertThat(run(askOptional.call("17", optional))).isEqualTo(17);
    assertThat(run(askOptional.call(null, optional))).isNull();
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void buffersStayTheirOwnersWhereverTheCallIsHandedOver() throws Exception {
    NativeFunction<byte[]> askBytes =
        runtime.function("askBytes", byte[].class, byte[].class, JavaHandler.class);
    NativeFunction<ByteBuf> echo = runtime.function("echo", ByteBuf.class, ByteBuf.class);
    List<ByteBuf> seen = new ArrayList<>();
    JavaHandler<ByteBuf, ByteBuf> here =
        JavaHandler.answering(
            ByteBuf.class,
            ByteBuf.class,
            (bytes, answer) -> {
              seen.add(bytes);
              answer.call(echo.call(bytes));
              bytes.release();
              return null;
            });
    JavaHandler<ByteBuf, ByteBuf> elsewhere =
        JavaHandler.answering(
            ByteBuf.class,
            ByteBuf.class,
            (bytes, answer) -> {
              ByteBuf direct = PooledByteBufAllocator.DEFAULT.directBuffer();
              direct.writeBytes(bytes);
              bytes.release();
              seen.add(direct);
              ForkJoinPool.commonPool()
                  .execute(
                      () -> {
                        answer.call(echo.call(direct));
                        direct.release();
                      });
              return null;
            });
    for (int length : new int[] {1, 10, 5_000}) {
      byte[] bytes = new byte[length];
      new SplittableRandom(length).nextBytes(bytes);
      assertThat(run(askBytes.call(bytes, here))).isEqualTo(bytes);
      assertThat(run(askBytes.call(bytes, elsewhere))).isEqualTo(bytes);
    }
    Builtin.awaitNothingLeft(runtime);
    Builtin.eventually().until(() -> seen.stream().allMatch(buffer -> buffer.refCnt() == 0));
  }

  @Test
  void aCallThatAsksItselfMayBeHandedOver() throws Exception {
    JavaHandler<Long, Long> sum = calling(number -> add.call(number, 1L));
    JavaHandler<Long, Long> outer = calling(number -> ask.call(number, sum));
    assertThat(run(ask.call(1L, calling(number -> ask.call(number, outer))))).isEqualTo(2);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aCallThatComesAfterTheAnswerIsNoAnswer() throws Exception {
    List<Boolean> answered = new ArrayList<>();
    JavaHandler<Long, Long> twice =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              answered.add(answer.call(add.call(number, 1L)));
              answered.add(answer.call(add.call(number, 2L)));
              answered.add(answer.value(3L));
              return null;
            });
    assertThat(run(ask.call(0L, twice))).isEqualTo(1);
    assertThat(answered).containsExactly(true, false, false);
    assertThat(runtime.metrics().callsBegun()).isEqualTo(2);
  }

  // Errors

  @Test
  void anErrorIsTheOneThatJavaWouldHaveSeen() throws Exception {
    NativeFunction<Void> askNothing = runtime.function("askNothing", Void.class, JavaHandler.class);
    NativeFunction<Void> fail = runtime.function("fail", Void.class, String.class, int.class);
    JavaHandler<Void, Void> failing =
        JavaHandler.call(Void.class, Void.class, none -> fail.call("lost", 2));
    NativeException direct = (NativeException) failure(fail.call("lost", 2));
    NativeException relayed = (NativeException) failure(askNothing.call(failing));
    assertThat(relayed).hasMessage("lost").hasRootCauseMessage("cause 2 of lost");
    assertThat(relayed.errorType()).isEqualTo(direct.errorType());
    NativeFunction<String> askStack = runtime.function("askStack", String.class, JavaHandler.class);
    NativeFunction<Long> askWrapped = runtime.function("askWrapped", Long.class, JavaHandler.class);
    NativeFunction<Long> refused = longs("ask");
    RuntimeException thrown = new IllegalStateException("no such user");
    JavaHandler<Long, Long> throwing =
        JavaHandler.of(
            Long.class,
            Long.class,
            number -> {
              throw thrown;
            });
    JavaHandler<Long, Long> below = calling(number -> refused.call(number, throwing));
    assertThat(failure(ask.call(1L, below))).isSameAs(thrown);
    assertThat(failure(askWrapped.call(below)))
        .hasMessage("asked in vain: java.lang.IllegalStateException: no such user");
    assertThat(run(askStack.call(below))).startsWith("java.lang.IllegalStateException\nno such");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aPanicGoesOnAsItself() throws Exception {
    NativeFunction<Long> panic = runtime.function("panicWithNumber", Long.class, long.class);
    NativeFunction<String> askCaught =
        runtime.function("askCaught", String.class, JavaHandler.class);
    JavaHandler<Long, Long> panics = calling(number -> panic.call(42L));
    assertThat(run(askCaught.call(panics))).isEqualTo("number 42");
    Throwable error = failure(ask.call(1L, panics));
    assertThat(error).isInstanceOf(NativePanicError.class);
    assertThat(((NativePanicError) error).location()).contains("failures.rs:");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aCallOfAnotherTypeIsRefused() {
    NativeFunction<Void> noop = runtime.function("noop", Void.class);
    NativeFunction<Long> optional = runtime.function("echoOptionalLong", Long.class, Long.class);
    @SuppressWarnings({"unchecked", "rawtypes"}) // as from a caller who lost track of the types
    JavaHandler<Long, Long> lying = calling((Function) number -> noop.call());
    assertThat(failure(ask.call(1L, lying)))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessage(
            "a handler handed over a call that returns Void, expected Long: async noop()->unit");
    assertThat(failure(ask.call(1L, calling(optional::call))))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("returns Long or null, expected Long");
    assertThat(failure(ask.call(1L, calling(number -> null))))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("JavaHandler(Long to Long) handed over no call");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aCallOfAnotherRuntimeIsRefused() {
    try (NativeRuntime other = Builtin.runtime()) {
      NativeFunction<Long> elsewhere = other.function("yieldTimes", Long.class, long.class);
      assertThat(failure(ask.call(1L, calling(elsewhere::call))))
          .isInstanceOf(WrongRuntimeException.class);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aCallThatIsTooLargeOrTakesTooManyPlacesIsRefused() {
    try (NativeRuntime small =
        NativeRuntime.builder(Builtin.library()).maxPayloadBytes(1_000).maxInFlight(16).build()) {
      NativeFunction<String> askText =
          small.function("askText", String.class, String.class, JavaHandler.class);
      NativeFunction<String> echo = small.function("echoString", String.class, String.class);
      JavaHandler<String, String> longer =
          JavaHandler.call(String.class, String.class, text -> echo.call("x".repeat(1_001)));
      assertThat(failure(askText.call("", longer))).isInstanceOf(PayloadTooLargeException.class);
      NativeFunction<Long> asking =
          small.function("ask", Long.class, long.class, JavaHandler.class);
      JavaHandler<Long, Long> wide =
          JavaHandler.of(Long.class, Long.class, Function.<Long>identity()).atOnce(1_000);
      assertThat(failure(asking.call(1L, calling(number -> asking.call(number, wide)))))
          .isInstanceOf(TooManyInFlightException.class);
      Builtin.awaitNothingLeft(small);
    }
  }

  // Ends

  @Test
  void cancellingTheCallThatAsksDropsTheOneThatAnswers() throws Exception {
    NativeFunction<Void> askNothing = runtime.function("askNothing", Void.class, JavaHandler.class);
    NativeFunction<Void> hold = runtime.function("hold", Void.class);
    NativeCall<Boolean> tryHold = runtime.function("tryHold", Boolean.class, long.class).call(0L);
    JavaHandler<Void, Void> holds = JavaHandler.call(Void.class, Void.class, none -> hold.call());
    CompletableFuture<Void> asked = start(askNothing.call(holds));
    Builtin.eventually().until(() -> runtime.metrics().callsBegun() == 2);
    Builtin.eventually().until(() -> !run(tryHold));
    asked.cancel(false);
    Builtin.eventually().until(() -> run(tryHold));
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void closingTheRuntimeEndsBoth() throws Exception {
    NativeFunction<Void> askNothing = runtime.function("askNothing", Void.class, JavaHandler.class);
    NativeFunction<Void> never = runtime.function("never", Void.class);
    CompletableFuture<Void> asked =
        start(askNothing.call(JavaHandler.call(Void.class, Void.class, none -> never.call())));
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 2);
    runtime.close();
    assertThatThrownBy(() -> asked.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
  }

  @Test
  void theEndOfTheLoopEndsTheCall() throws Exception {
    NettyLoop dying = NettyLoop.of(NettyNioLoopTest.newLoop());
    JavaHandler<Long, Long> slow = calling(number -> yieldTimes.call(Long.MAX_VALUE));
    runtime
        .function("keepHandler", Void.class, JavaHandler.class)
        .call(slow)
        .toFuture(dying)
        .get(30, TimeUnit.SECONDS);
    NativeFunction<Long> askKept = runtime.function("askKept", Long.class, long.class);
    CompletableFuture<Long> asked = start(askKept.call(1L));
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 2);
    NettyNioLoopTest.end(dying);
    assertThatThrownBy(() -> asked.get(30, TimeUnit.SECONDS)).hasMessageContaining("shut down");
    run(runtime.function("forgetHandler", Void.class).call());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void givingUpAtRandomTimesLeavesNothing() {
    SplittableRandom random = new SplittableRandom(20_261_122);
    NativeFunction<Boolean> askOrGiveUp =
        runtime.function("askOrGiveUp", Boolean.class, long.class, JavaHandler.class);
    JavaHandler<Long, Long> some =
        calling(number -> yieldTimes.call((long) random.nextInt(2_000))).atOnce(1);
    cancelSoon(
        spins ->
            spins.nextInt(2) == 0
                ? start(askOrGiveUp.call(spins.nextLong(2), some))
                : start(ask.call(1L, some)));
    Builtin.awaitNothingLeft(runtime);
  }
}
