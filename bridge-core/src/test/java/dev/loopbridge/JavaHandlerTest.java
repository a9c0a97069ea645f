package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rust awaits the answers of Java handlers. */
class JavaHandlerTest extends LoopScene {

  private final NativeFunction<Long> ask = longs("ask");

  private NativeFunction<Long> longs(String name) {
    return runtime.function(name, Long.class, long.class, JavaHandler.class);
  }

  private static JavaHandler<Long, Long> longs(Function<Long, Long> body) {
    return JavaHandler.of(Long.class, Long.class, body);
  }

  private static JavaHandler<Long, Long> stages(Function<Long, CompletableFuture<Long>> body) {
    return JavaHandler.stage(Long.class, Long.class, body);
  }

  /** The arguments that Rust's askSeveral passes. */
  record Several(
      long number, String text, byte[] bytes, boolean positive, double half, Integer length) {

    Several {
      if (number == 13) {
        throw new IllegalArgumentException("no 13");
      }
    }

    String joined() {
      return "%d %s %d %s %s %s".formatted(number, text, bytes.length, positive, half, length);
    }
  }

  /** One component less than Rust passes. */
  record Fewer(long number, String text, byte[] bytes, boolean positive, double half) {}

  /** A primitive for an argument that may be absent. */
  record Primitive(
      long number, String text, byte[] bytes, boolean positive, double half, int length) {}

  private final NativeFunction<String> askSeveral =
      runtime.function(
          "askSeveral", String.class, long.class, String.class, byte[].class, JavaHandler.class);

  @Test
  void severalArgumentsComeAsARecord() throws Exception {
    JavaHandler<Several, String> joining =
        JavaHandler.of(Several.class, String.class, Several::joined);
    String large = "\u00fc".repeat(50_000);
    assertThat(run(askSeveral.call(7L, "a", new byte[0], joining))).isEqualTo("7 a 0 true 0.5 1");
    assertThat(run(askSeveral.call(-7L, null, new byte[100], joining)))
        .isEqualTo("-7 null 100 false 0.5 null");
    assertThat(run(askSeveral.call(0L, large, new byte[100_000], joining)))
        .isEqualTo("0 " + large + " 100000 false 0.5 100000");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void whatARecordRefusesIsTheAnswer() {
    JavaHandler<Several, String> joining =
        JavaHandler.of(Several.class, String.class, Several::joined);
    assertThat(failure(askSeveral.call(13L, "a", new byte[0], joining)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no 13");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aRecordOfOtherTypesIsRefused() {
    for (Class<?> type : List.of(Fewer.class, Primitive.class, Record.class, String.class)) {
      assertThatThrownBy(
              () ->
                  askSeveral.call(
                      1L, "a", new byte[0], JavaHandler.of(type, String.class, Object::toString)))
          .isInstanceOf(SignatureMismatchException.class)
          .hasMessageContaining("a record of Long, String or null, ByteBuf or byte[], Boolean");
    }
  }

  /** The result of divide. */
  record Division(long quotient, long remainder) {}

  @Test
  void aTupleOfResultsIsARecord() throws Exception {
    NativeFunction<Division> divide =
        runtime.function("divide", Division.class, long.class, long.class);
    assertThat(run(divide.call(47L, 10L))).isEqualTo(new Division(4, 7));
  }

  // Answers

  @Test
  void aBodyRunsOnTheLoopThatOwnsTheCall() throws Exception {
    AtomicBoolean onLoop = new AtomicBoolean();
    JavaHandler<Long, Long> doubled =
        longs(
            number -> {
              onLoop.set(loop.inLoop());
              return 2 * number;
            });
    assertThat(run(ask.call(21L, doubled))).isEqualTo(42);
    assertThat(onLoop).isTrue();
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aStageAnswersWhenItCompletesWhereverThatIs() throws Exception {
    JavaHandler<Long, Long> elsewhere =
        stages(number -> CompletableFuture.supplyAsync(() -> number + 1));
    assertThat(run(ask.call(1L, elsewhere))).isEqualTo(2);
  }

  @Test
  void textOfAnyLengthGoesBothWays() throws Exception {
    JavaHandler<String, String> echo =
        JavaHandler.of(String.class, String.class, Function.identity());
    NativeFunction<String> askText =
        runtime.function("askText", String.class, String.class, JavaHandler.class);
    for (int length : new int[] {0, 1, 26, 27, 28, 35, 36, 43, 44, 48, 100, 100_000}) {
      String text = "\u00e4".repeat(length / 2) + "x".repeat(length - length / 2);
      assertThat(run(askText.call(text, echo))).isEqualTo(text);
    }
  }

  @Test
  void bytesGoBothWaysAndAreReleased() throws Exception {
    List<ByteBuf> seen = new ArrayList<>();
    JavaHandler<ByteBuf, ByteBuf> reversed =
        JavaHandler.of(
            ByteBuf.class,
            ByteBuf.class,
            bytes -> {
              ByteBuf answer = PooledByteBufAllocator.DEFAULT.directBuffer();
              for (int i = bytes.writerIndex() - 1; i >= bytes.readerIndex(); i--) {
                answer.writeByte(bytes.getByte(i));
              }
              bytes.release();
              seen.add(answer);
              return answer;
            });
    NativeFunction<byte[]> askBytes =
        runtime.function("askBytes", byte[].class, byte[].class, JavaHandler.class);
    for (int length : new int[] {0, 3, 27, 28, 43, 44, 70_000}) {
      byte[] bytes = new byte[length];
      new SplittableRandom(length).nextBytes(bytes);
      byte[] backwards = new byte[length];
      for (int i = 0; i < length; i++) {
        backwards[i] = bytes[length - 1 - i];
      }
      assertThat(run(askBytes.call(bytes, reversed))).isEqualTo(backwards);
    }
    assertThat(seen).hasSize(7).allMatch(buffer -> buffer.refCnt() == 0);
  }

  @Test
  void noneIsNullOnBothSides() throws Exception {
    JavaHandler<String, Long> length =
        JavaHandler.of(
            String.class, Long.class, text -> text == null ? null : (long) text.length());
    NativeFunction<Long> askOptional =
        runtime.function("askOptional", Long.class, String.class, JavaHandler.class);
    assertThat(run(askOptional.call("four", length))).isEqualTo(4);
    assertThat(run(askOptional.call(null, length))).isNull();
  }

  @Test
  void unitIsNullOnBothSides() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    JavaHandler<Void, Void> nothing =
        JavaHandler.of(
            Void.class,
            Void.class,
            none -> {
              assertThat(none).isNull();
              asked.incrementAndGet();
              return null;
            });
    run(runtime.function("askNothing", Void.class, JavaHandler.class).call(nothing));
    assertThat(asked).hasValue(1);
  }

  @Test
  void theFirstAnswerCounts() throws Exception {
    List<Boolean> answered = new ArrayList<>();
    JavaHandler<Long, Long> twice =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              answered.add(answer.isSettled());
              answered.add(answer.value(1L));
              answered.add(answer.value(2L));
              answered.add(answer.error(new IOException()));
              answered.add(answer.isSettled());
              return null;
            });
    assertThat(run(ask.call(0L, twice))).isEqualTo(1);
    assertThat(answered).containsExactly(false, true, false, false, true);
  }

  @Test
  void aHandlerMayStartCallsAndBePassedOn() throws Exception {
    AtomicReference<JavaHandler<Long, Long>> self = new AtomicReference<>();
    self.set(
        stages(
            depth ->
                depth == 0
                    ? CompletableFuture.completedFuture(100L)
                    : start(ask.call(depth - 1, self.get())).thenApply(sum -> sum + depth)));
    assertThat(run(ask.call(5L, self.get()))).isEqualTo(115);
    Builtin.awaitNothingLeft(runtime);
  }

  // Errors

  @Test
  void whatABodyThrowsComesBackAsTheSameObject() {
    RuntimeException thrown = new IllegalStateException("no such user");
    assertThat(failure(ask.call(1L, longs(number -> failWith(thrown))))).isSameAs(thrown);
    IOException failed = new IOException("gone");
    assertThat(failure(ask.call(1L, stages(number -> CompletableFuture.failedFuture(failed)))))
        .isSameAs(failed);
    Error error = new StackOverflowError();
    assertThat(failure(ask.call(1L, stages(number -> failWith(error))))).isSameAs(error);
    Builtin.awaitNothingLeft(runtime);
  }

  private static <T, E extends Throwable> T failWith(Throwable thrown) throws E {
    @SuppressWarnings("unchecked") // thrown as if it were unchecked
    E unchecked = (E) thrown;
    throw unchecked;
  }

  @Test
  void rustSeesClassMessageAndStack() throws Exception {
    NativeFunction<String> askStack = runtime.function("askStack", String.class, JavaHandler.class);
    JavaHandler<Long, Long> failing =
        longs(number -> failWith(new IllegalStateException("no \ud800 user")));
    String[] lines = run(askStack.call(failing)).split("\n", 3);
    assertThat(lines[0]).isEqualTo("java.lang.IllegalStateException");
    assertThat(lines[1]).isEqualTo("no ? user");
    assertThat(lines[2]).contains("at " + JavaHandlerTest.class.getName());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anErrorThatRustWrapsKeepsItsText() {
    JavaHandler<Long, Long> failing = longs(number -> failWith(new IOException("gone")));
    NativeFunction<Long> askWrapped = runtime.function("askWrapped", Long.class, JavaHandler.class);
    assertThat(failure(askWrapped.call(failing)))
        .isInstanceOf(NativeException.class)
        .hasMessage("asked in vain: java.io.IOException: gone");
    Builtin.awaitNothingLeft(runtime);
  }

  @ParameterizedTest
  @CsvSource({
    "askInChain, 0",
    "askInChain, 1",
    "askInChain, 3",
    "localAskInChain, 0",
    "localAskInChain, 2"
  })
  void whatAHandlerThrewKeepsItsPlaceInAnErrorsChain(String name, int links) throws Exception {
    IOException thrown = new IOException("gone", new IllegalStateException("why"));
    JavaHandler<Long, Long> failing = longs(number -> failWith(thrown));
    NativeFunction<Long> askInChain =
        runtime.function(name, Long.class, long.class, JavaHandler.class);
    Throwable link = failure(askInChain.call((long) links, failing));
    for (int i = 0; i < links; i++) {
      assertThat(link).isInstanceOf(NativeException.class).hasMessage("in vain, link " + i);
      link = link.getCause();
    }
    assertThat(link).isSameAs(thrown);
    Builtin.awaitNothingLeft(runtime);
    // The handler does not read the argument.
    CountDownLatch settled = new CountDownLatch(1);
    RawCallback blind = (ticket, result) -> settled.countDown();
    NativeCall<Long> call = askInChain.call((long) links, failing);
    loop.execute(() -> call.start(runtime.on(loop), blind));
    assertThat(settled.await(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void itKeepsItThroughACallThatIsHandedOver() {
    RuntimeException thrown = new IllegalStateException("no such user");
    NativeFunction<Long> askInChain =
        runtime.function("askInChain", Long.class, long.class, JavaHandler.class);
    JavaHandler<Long, Long> throwing = longs(number -> failWith(thrown));
    JavaHandler<Long, Long> below =
        JavaHandler.call(Long.class, Long.class, number -> askInChain.call(2L, throwing));
    assertThat(failure(askInChain.call(1L, below)))
        .hasMessage("in vain, link 0")
        .hasRootCause(thrown)
        .satisfies(error -> assertThat(error.getCause().getCause().getCause()).isSameAs(thrown));
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anExceptionThatMisbehavesStillArrives() {
    RuntimeException unruly =
        new RuntimeException() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new IllegalStateException("no message");
          }
        };
    AtomicReference<Throwable> received = new AtomicReference<>();
    ask.call(1L, longs(number -> failWith(unruly))).start(loop, target(received));
    Builtin.eventually().until(() -> received.get() == unruly);
  }

  @Test
  void anErrorThrownWhileAnErrorIsToldStillEndsTheInvocation() {
    RuntimeException deep =
        new RuntimeException() {
          private static final long serialVersionUID = 1L;

          @Override
          public String getMessage() {
            throw new NoClassDefFoundError("Gone");
          }
        };
    AtomicReference<Throwable> received = new AtomicReference<>();
    ask.call(1L, longs(number -> failWith(deep))).start(loop, target(received));
    Builtin.eventually().until(() -> received.get() == deep);
  }

  private static CallTarget<Long> target(AtomicReference<Throwable> received) {
    return new CallTarget<>() {
      @Override
      public void value(Long value) {}

      @Override
      public void error(Throwable error) {
        received.set(error);
      }
    };
  }

  @Test
  void aSmallPayloadLimitKeepsAnErrorsText() {
    try (NativeRuntime small =
        NativeRuntime.builder(Builtin.library()).maxPayloadBytes(1_000).build()) {
      JavaHandler<Long, Long> failing = longs(number -> failWith(new IOException("gone")));
      NativeFunction<Long> askWrapped = small.function("askWrapped", Long.class, JavaHandler.class);
      assertThat(failure(askWrapped.call(failing)))
          .hasMessage("asked in vain: java.io.IOException: gone");
    }
  }

  @Test
  void anAnswerOfAnotherTypeIsRefused() {
    @SuppressWarnings({"unchecked", "rawtypes"}) // as from a caller who lost track of the types
    JavaHandler<Long, Long> lying =
        JavaHandler.of(Long.class, Long.class, (Function) number -> "text");
    assertThat(failure(ask.call(1L, lying)))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessage("a handler answered with a java.lang.String, expected Long");
    assertThat(failure(ask.call(1L, longs(number -> null))))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessage("a handler answered with null, expected Long");
  }

  @Test
  void anAnswerThatIsTooLargeIsRefused() {
    try (NativeRuntime small =
        NativeRuntime.builder(Builtin.library()).maxPayloadBytes(1_000).build()) {
      NativeFunction<String> askText =
          small.function("askText", String.class, String.class, JavaHandler.class);
      JavaHandler<String, String> longer =
          JavaHandler.of(String.class, String.class, text -> "x".repeat(1_001));
      assertThat(failure(askText.call("", longer))).isInstanceOf(PayloadTooLargeException.class);
    }
  }

  @Test
  void aHandlerOfOtherTypesIsRefused() {
    JavaHandler<String, Long> other = JavaHandler.of(String.class, Long.class, text -> 0L);
    assertThatThrownBy(() -> ask.call(1L, other))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessage(
            "argument 2 of ask is a JavaHandler(String to Long), expected JavaHandler(Long to"
                + " Long): async ask(i64,fn<i64;i64>)->i64");
    assertThatThrownBy(() -> ask.call(1L, null)).isInstanceOf(SignatureMismatchException.class);
    assertThatThrownBy(() -> other.atOnce(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("0 invocations at once, expected 1 to 65536");
  }

  // Giving up

  @Test
  void aRustTimeoutCancelsTheStageOnTheLoop() throws Exception {
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    JavaHandler<Long, Long> never =
        stages(
            number -> {
              CompletableFuture<Long> stage = new CompletableFuture<>();
              stage.whenComplete((value, error) -> cancelled.complete(loop.inLoop()));
              return stage;
            });
    assertThat(run(askingFor("askOrGiveUp").call(1L, never))).isFalse();
    assertThat(cancelled.get(30, TimeUnit.SECONDS)).as("cancelled on the loop").isTrue();
    Builtin.awaitNothingLeft(runtime);
  }

  private NativeFunction<Boolean> askingFor(String name) {
    return runtime.function(name, Boolean.class, long.class, JavaHandler.class);
  }

  @Test
  void cancellingTheCallCancelsWhateverIsBelowIt() throws Exception {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    AtomicReference<CompletableFuture<Void>> innermost = new AtomicReference<>();
    JavaHandler<Long, Long> inner =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              CompletableFuture<Void> below = start(never);
              innermost.set(below);
              return () -> below.cancel(false);
            });
    JavaHandler<Long, Long> outer = stages(number -> start(ask.call(number, inner)));
    CompletableFuture<Long> top = start(ask.call(1L, outer));
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 3);
    top.cancel(false);
    Builtin.eventually().until(() -> innermost.get().isCancelled());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anAnswerThatComesTooLateIsReleased() throws Exception {
    AtomicReference<HandlerAnswer<ByteBuf>> kept = new AtomicReference<>();
    JavaHandler<ByteBuf, ByteBuf> slow =
        JavaHandler.answering(
            ByteBuf.class,
            ByteBuf.class,
            (bytes, answer) -> {
              bytes.release();
              kept.set(answer);
              return null;
            });
    NativeFunction<byte[]> askBytes =
        runtime.function("askBytes", byte[].class, byte[].class, JavaHandler.class);
    CompletableFuture<byte[]> asked = start(askBytes.call(new byte[1], slow));
    Builtin.eventually().until(() -> kept.get() != null);
    asked.cancel(false);
    Builtin.awaitNothingLeft(runtime);
    ByteBuf late = PooledByteBufAllocator.DEFAULT.directBuffer();
    assertThat(kept.get().value(late)).isFalse();
    assertThat(late.refCnt()).isZero();
  }

  @Test
  void givingUpAtRandomTimesLeavesNothing() throws Exception {
    SplittableRandom random = new SplittableRandom(20_261_121);
    NativeFunction<Boolean> askOrGiveUp = askingFor("askOrGiveUp");
    JavaHandler<Long, Long> sometimes =
        stages(
            number ->
                switch (random.nextInt(3)) {
                  case 0 -> new CompletableFuture<>();
                  case 1 -> CompletableFuture.supplyAsync(() -> 1L);
                  default -> CompletableFuture.completedFuture(1L);
                });
    List<CompletableFuture<?>> calls = new ArrayList<>();
    SplittableRandom spins = new SplittableRandom(1);
    for (int i = 0; i < 5_000; i++) {
      CompletableFuture<?> call =
          spins.nextInt(2) == 0
              ? start(askOrGiveUp.call(spins.nextLong(2), sometimes))
              : start(ask.call(1L, sometimes.atOnce(1)));
      calls.add(call);
      if (i % 16 == 15) {
        for (CompletableFuture<?> each : calls) {
          for (int s = spins.nextInt(200); s > 0; s--) {
            Thread.onSpinWait();
          }
          each.cancel(false);
        }
        calls.clear();
      }
    }
    calls.forEach(call -> call.cancel(false));
    Builtin.awaitNothingLeft(runtime);
  }

  // Limits and counts

  @Test
  void noMoreInvocationsThanAllowedAreUnderWay() throws Exception {
    AtomicInteger underWay = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    JavaHandler<Long, Long> counting =
        stages(
            number -> {
              most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              CompletableFuture<Long> answer = new CompletableFuture<>();
              loop.execute(
                  () -> {
                    underWay.decrementAndGet();
                    answer.complete(number);
                  });
              return answer;
            });
    NativeFunction<Long> askAtOnce = longs("askAtOnce");
    assertThat(run(askAtOnce.call(1_000L, counting.atOnce(4)))).isEqualTo(499_500);
    assertThat(most.get()).isBetween(1, 4);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anAnswerThatIsThereTakesOneRecordEachWay() throws Exception {
    NativeFunction<Long> askInTurn = longs("askInTurn");
    RuntimeMetrics before = runtime.metrics();
    assertThat(run(askInTurn.call(100L, longs(number -> 1L)))).isEqualTo(100);
    Builtin.awaitNothingLeft(runtime);
    RuntimeMetrics after = runtime.metrics();
    // Records up: 100 requests, the outcome, and the release of the handler. Down: the call and its
    // 100 answers.
    assertThat(after.submissions() - before.submissions()).isEqualTo(101);
    assertThat(after.completions() - before.completions()).isEqualTo(102);
  }

  @Test
  void aBurstOfInvocationsCrossesSeldom() throws Exception {
    NativeFunction<Long> askAtOnce = longs("askAtOnce");
    JavaHandler<Long, Long> same = longs(Function.<Long>identity()).atOnce(1_000);
    long upcalls = Long.MAX_VALUE;
    long downcalls = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      RuntimeMetrics before = runtime.metrics();
      run(askAtOnce.call(1_000L, same));
      RuntimeMetrics after = runtime.metrics();
      upcalls = Math.min(upcalls, after.wakes() - before.wakes());
      downcalls = Math.min(downcalls, after.doorbells() - before.doorbells());
    }
    assertThat(upcalls).isLessThan(100);
    assertThat(downcalls).isLessThan(100);
  }

  // Ends

  @Test
  void rustMayKeepAHandlerPastItsCall() throws Exception {
    run(
        runtime
            .function("keepHandler", Void.class, JavaHandler.class)
            .call(longs(number -> number + 1)));
    assertThat(runtime.metrics().heldObjects()).isEqualTo(1);
    NativeFunction<Long> askKept = runtime.function("askKept", Long.class, long.class);
    assertThat(run(askKept.call(1L))).isEqualTo(2);
    try (NativeRuntime other = Builtin.runtime()) {
      // The handler is passed to a call of another loop, and to a call of another runtime.
      assertThat(
              other
                  .function("askKept", Long.class, long.class)
                  .call(2L)
                  .toFuture()
                  .get(30, TimeUnit.SECONDS))
          .isEqualTo(3);
    }
    run(runtime.function("forgetHandler", Void.class).call());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anErrorOfAnotherLoopsHandlerComesAsText() throws Exception {
    JavaHandler<Long, Long> failing = longs(number -> failWith(new IOException("gone")));
    run(runtime.function("keepHandler", Void.class, JavaHandler.class).call(failing));
    NativeCall<Long> askKept = runtime.function("askKept", Long.class, long.class).call(1L);
    assertThatThrownBy(() -> askKept.toFuture(runtime.defaultLoop()).join())
        .hasCauseInstanceOf(NativeException.class)
        .hasRootCauseMessage("java.io.IOException: gone");
    run(runtime.function("forgetHandler", Void.class).call());
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void closingTheRuntimeCancelsWhatABodyHasStarted() throws Exception {
    CompletableFuture<Long> pending = new CompletableFuture<>();
    CompletableFuture<Long> asked = start(ask.call(1L, stages(number -> pending)));
    Builtin.eventually().until(() -> runtime.metrics().liveInvocations() == 1);
    runtime.close();
    assertThatThrownBy(() -> asked.get(30, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RuntimeClosedException.class);
    Builtin.eventually().until(pending::isCancelled);
  }

  @Test
  void closingEndsInvocationsThatShareOneStage() throws Exception {
    CompletableFuture<Long> shared = new CompletableFuture<>();
    JavaHandler<Long, Long> sharing = stages(number -> shared);
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      asked.add(start(ask.call(1L, sharing)));
    }
    Builtin.eventually().until(() -> runtime.metrics().liveInvocations() == 4);
    assertThat(runtime.close(Duration.ZERO).unresponsiveLoops()).isEmpty();
    for (CompletableFuture<Long> each : asked) {
      assertThatThrownBy(() -> each.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(RuntimeClosedException.class);
    }
  }

  @Test
  void aHandlerWhoseLoopHasDiedIsNeverRun() throws Exception {
    AtomicInteger ran = new AtomicInteger();
    CompletableFuture<Long> pending = new CompletableFuture<>();
    NettyLoop dying = NettyLoop.of(NettyNioLoopTest.newLoop());
    JavaHandler<Long, Long> counting =
        stages(
            number -> {
              ran.incrementAndGet();
              return pending;
            });
    runtime
        .function("keepHandler", Void.class, JavaHandler.class)
        .call(counting)
        .toFuture(dying)
        .get(30, TimeUnit.SECONDS);
    NativeFunction<Long> askKept = runtime.function("askKept", Long.class, long.class);
    CompletableFuture<Long> before = start(askKept.call(1L));
    Builtin.eventually().until(() -> ran.get() == 1);
    NettyNioLoopTest.end(dying);
    assertThatThrownBy(() -> before.get(30, TimeUnit.SECONDS)).hasMessageContaining("shut down");
    assertThat(failure(askKept.call(1L))).isInstanceOf(NativeException.class);
    assertThat(ran).hasValue(1);
    run(runtime.function("forgetHandler", Void.class).call());
  }

  @Test
  void callsCancelsAndClosesFromInsideABodyDoNotHang() throws Exception {
    AtomicReference<CompletableFuture<Long>> self = new AtomicReference<>();
    JavaHandler<Long, Long> cancelsItsCall =
        longs(
            number -> {
              self.get().cancel(false);
              return number;
            });
    for (int i = 0; i < 200; i++) {
      CompletableFuture<Void> submitted = new CompletableFuture<>();
      loop.execute(
          () -> {
            self.set(start(ask.call(1L, cancelsItsCall)));
            submitted.complete(null);
          });
      submitted.get(30, TimeUnit.SECONDS);
      assertThatThrownBy(() -> self.get().get(30, TimeUnit.SECONDS))
          .isInstanceOf(CancellationException.class);
    }
    Builtin.awaitNothingLeft(runtime);
    NativeRuntime own = Builtin.runtime();
    JavaHandler<Long, Long> closes =
        longs(
            number -> {
              own.close();
              return number;
            });
    NativeFunction<Long> asking = own.function("ask", Long.class, long.class, JavaHandler.class);
    // The answer and the close race; the call settles either way.
    start(asking.call(1L, closes)).handle((value, error) -> "settled").get(30, TimeUnit.SECONDS);
    Builtin.closeAndAwaitNothingLeft(own);
  }

  @Test
  void aBodyMayNotWaitOnItsLoop() {
    JavaHandler<Long, Long> waits =
        longs(number -> start(ask.call(number, longs(Function.identity()))).join());
    assertThat(failure(ask.call(1L, waits))).isInstanceOf(BlockingOnLoopException.class);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void manyHandlersAtOnceFromManyThreads() throws Exception {
    JavaHandler<Long, Long> same = longs(Function.<Long>identity()).atOnce(2);
    NativeFunction<Long> askAtOnce = longs("askAtOnce");
    List<CompletableFuture<Long>> asked = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      asked.add(
          CompletableFuture.supplyAsync(() -> askAtOnce.call(50L, same), ForkJoinPool.commonPool())
              .thenCompose(this::start));
    }
    for (CompletableFuture<Long> each : asked) {
      assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(1_225);
    }
    Builtin.awaitNothingLeft(runtime);
  }
}
