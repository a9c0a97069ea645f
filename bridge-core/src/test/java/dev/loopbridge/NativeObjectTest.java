package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.spi.TypedObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A Rust object that all loops of its runtime use, and any thread closes. */
class NativeObjectTest extends LoopScene {

  private static final AtomicLong NUMBERS = new AtomicLong();

  private final long number = NUMBERS.incrementAndGet();

  private final NativeFunction<NativeObject> open =
      runtime.function("openTally", NativeObject.class, long.class);
  private final NativeFunction<Long> tally =
      runtime.function("tally", Long.class, NativeObject.class, long.class);
  private final NativeFunction<Long> tallyLater =
      runtime.function("tallyLater", Long.class, NativeObject.class, long.class, long.class);

  /** Waits until Rust has dropped the object; returns the name of the thread that did. */
  private static String awaitDrop(NativeRuntime runtime, long number) throws Exception {
    NativeCall<String> look =
        runtime.function("tallyDropped", String.class, long.class).call(number);
    String[] thread = new String[1];
    Builtin.eventually().until(() -> (thread[0] = look.await()) != null);
    return thread[0];
  }

  private boolean isDropped() throws Exception {
    return runtime.function("tallyDropped", String.class, long.class).call(number).await() != null;
  }

  @ParameterizedTest
  @ValueSource(strings = {"tally", "heavyTally", "blockingTally", "localTally"})
  void functionsOfAllKindsUseIt(String name) throws Exception {
    NativeFunction<Long> add = runtime.function(name, Long.class, NativeObject.class, long.class);
    NativeObject object = run(open.call(number));
    assertThat(object.type()).isEqualTo("object<Tally>");
    assertThat(run(add.call(object, 40L))).isEqualTo(40);
    assertThat(add.call(object, 2L).await()).isEqualTo(42);
    assertThat(runtime.metrics().liveSharedObjects()).isEqualTo(1);
    assertThat(object.isClosed()).isFalse();
    object.close();
    object.close();
    assertThat(object.isClosed()).isTrue();
    assertThat(awaitDrop(runtime, number)).startsWith("loopbridge-");
  }

  @Test
  void severalLoopsUseItAtOnce() throws Exception {
    List<NettyLoop> loops = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      loops.add(NettyLoop.of(NettyNioLoopTest.newLoop()));
    }
    try (NativeObject object = run(open.call(number))) {
      List<CompletableFuture<Long>> calls = new ArrayList<>();
      for (int round = 0; round < 100; round++) {
        for (NettyLoop each : loops) {
          calls.add(tally.call(object, 1L).toFuture(each));
        }
      }
      for (CompletableFuture<Long> call : calls) {
        call.get(30, TimeUnit.SECONDS);
      }
      assertThat(run(tally.call(object, 0L))).isEqualTo(1_600);
    } finally {
      for (NettyLoop each : loops) {
        NettyNioLoopTest.end(each);
      }
    }
    awaitDrop(runtime, number);
  }

  @Test
  void afterItsCloseItIsRefused() throws Exception {
    NativeObject object = run(open.call(number));
    object.close();
    for (int i = 0; i < 10_000; i++) {
      CompletableFuture<Long> call = tally.call(object, 1L).toFuture(loop);
      if (i % 1_000 == 0) {
        assertThatThrownBy(() -> call.get(30, TimeUnit.SECONDS))
            .cause()
            .isInstanceOf(ClosedException.class)
            .hasMessageContaining("object<Tally>")
            .hasMessageContaining("made by openTally")
            .hasMessageContaining("from dev.loopbridge.NativeObjectTest.afterItsCloseItIsRefused");
      }
    }
    awaitDrop(runtime, number);
  }

  /** The close comes right behind the start, which Rust reads later. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCallThatWasStartedBeforeTheCloseRuns(boolean onLoop) throws Exception {
    for (int i = 0; i < 1_000; i++) {
      long its = NUMBERS.incrementAndGet();
      NativeObject object = run(open.call(its));
      CompletableFuture<CompletableFuture<Long>> started = new CompletableFuture<>();
      Runnable startAndClose =
          () -> {
            CompletableFuture<Long> call = tally.call(object, 5L).toFuture(loop);
            object.close();
            started.complete(call);
          };
      if (onLoop) {
        loop.execute(startAndClose);
      } else {
        startAndClose.run();
      }
      CompletableFuture<Long> call = started.get(30, TimeUnit.SECONDS);
      assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(5);
    }
    Builtin.eventually().until(() -> runtime.metrics().liveSharedObjects() == 0);
  }

  @Test
  void closedDuringACallItLivesUntilThatHasEnded() throws Exception {
    NativeObject object = run(open.call(number));
    CompletableFuture<Long> adding = tallyLater.call(object, 2L, 50L).toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    object.close();
    assertThat(runtime.metrics().liveSharedObjects()).isEqualTo(1);
    assertThat(adding.get(30, TimeUnit.SECONDS)).isEqualTo(2);
    awaitDrop(runtime, number);
  }

  @Test
  void aCancelledCallLetsItGo() throws Exception {
    NativeObject object = run(open.call(number));
    CompletableFuture<Long> adding = tallyLater.call(object, 2L, 100_000L).toFuture(loop);
    Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
    object.close();
    assertThat(isDropped()).isFalse();
    adding.cancel(false);
    awaitDrop(runtime, number);
  }

  @Test
  void anotherRuntimeRefusesIt() throws Exception {
    NativeRuntime second = Builtin.runtime();
    try (NativeObject object = run(open.call(number))) {
      NativeFunction<Long> elsewhere =
          second.function("tally", Long.class, NativeObject.class, long.class);
      assertThatThrownBy(() -> elsewhere.call(object, 1L).toFuture(loop).get(30, TimeUnit.SECONDS))
          .cause()
          .isInstanceOf(WrongRuntimeException.class)
          .hasMessageContaining("made by openTally")
          .hasMessageContaining("passed to a call in another runtime");
    } finally {
      Builtin.closeAndAwaitNothingLeft(second);
    }
    awaitDrop(runtime, number);
  }

  @Test
  void anObjectOfAnotherTypeIsRefusedWithItsName() throws Exception {
    try (NativeObject label =
        run(runtime.function("openLabel", NativeObject.class, String.class).call("a"))) {
      assertThatThrownBy(() -> tally.call(label, 1L))
          .isInstanceOf(SignatureMismatchException.class)
          .hasMessageContaining("argument 1 of tally is a NativeObject(object<Label>")
          .hasMessageContaining("expected NativeObject (object<Tally>)");
      assertThatThrownBy(() -> tally.call("text", 1L))
          .isInstanceOf(SignatureMismatchException.class);
      assertThatThrownBy(() -> tally.call(null, 1L)).isInstanceOf(SignatureMismatchException.class);
    }
    assertThatThrownBy(() -> runtime.function("tally", Long.class, NativeRef.class, long.class))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("NativeObject (object<Tally>)");
  }

  @Test
  void anOptionalOne() throws Exception {
    NativeFunction<NativeObject> maybe =
        runtime.function("openTallyOrNone", NativeObject.class, Long.class);
    NativeFunction<Long> both =
        runtime.function("tallyBoth", Long.class, NativeObject.class, NativeObject.class);
    assertThat(run(maybe.call(new Object[] {null}))).isNull();
    try (NativeObject some = run(maybe.call(number));
        NativeObject other = run(open.call(NUMBERS.incrementAndGet()))) {
      assertThat(run(both.call(some, null))).isEqualTo(1);
      assertThat(run(both.call(some, other))).isEqualTo(3);
      assertThat(run(both.call(some, some))).isEqualTo(7);
    }
    awaitDrop(runtime, number);
  }

  @Test
  void twoReferencesToOneObjectAreClosedEach() throws Exception {
    NativeObject first = run(open.call(number));
    NativeObject second =
        run(runtime.function("sameTally", NativeObject.class, NativeObject.class).call(first));
    first.close();
    assertThat(run(tally.call(second, 1L))).isEqualTo(1);
    assertThat(isDropped()).isFalse();
    second.close();
    awaitDrop(runtime, number);
  }

  @Test
  void aResultThatIsNotTakenIsClosed() throws Exception {
    Port port = runtime.on(loop);
    CompletableFuture<Void> settled = new CompletableFuture<>();
    loop.execute(() -> open.call(number).start(port, (ticket, result) -> settled.complete(null)));
    settled.get(30, TimeUnit.SECONDS);
    awaitDrop(runtime, number);
    NativeFunction<NativeObject> later =
        runtime.function("openTallyLater", NativeObject.class, long.class, long.class);
    for (int i = 0; i < 1_000; i++) {
      long millis = i % 2;
      CompletableFuture<NativeObject> stage = later.call(number, millis).toFuture(loop);
      if (!stage.cancel(false)) {
        stage.join().close(); // the call was faster than the cancel
      }
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aHandlerGetsOneAndClosesIt() throws Exception {
    JavaHandler<NativeObject, Long> show =
        JavaHandler.of(
            NativeObject.class,
            Long.class,
            shown -> {
              shown.close();
              return 7L;
            });
    NativeFunction<Long> showTally =
        runtime.function("showTally", Long.class, NativeObject.class, JavaHandler.class);
    NativeObject object = run(open.call(number));
    assertThat(run(showTally.call(object, show))).isEqualTo(7);
    assertThat(runtime.metrics().liveSharedObjects()).isEqualTo(1);
    object.close();
    awaitDrop(runtime, number);
  }

  /** Only where it was made is left out of a log then. */
  @Test
  void aClassThatDoesNotShowItsObjectSettlesItsCall() throws Exception {
    AtomicReference<NativeObject> made = new AtomicReference<>();
    NativeFunction<TypedObject> shy =
        open.as(
            object -> {
              made.set(object);
              return () -> {
                throw new IllegalStateException("as planned");
              };
            });
    assertThat(run(shy.call(number))).isNotNull();
    made.get().close();
    awaitDrop(runtime, number);
  }

  /** A call that answers a handler is no call in flight, and has the object all the same. */
  @Test
  void aCallThatAnswersAHandlerKeepsItBeyondTheClose() throws Exception {
    NativeFunction<Long> ask = runtime.function("askTally", Long.class, JavaHandler.class);
    for (boolean onLoop : new boolean[] {true, false}) {
      long its = NUMBERS.incrementAndGet();
      NativeObject object = run(open.call(its));
      JavaHandler<Long, Long> handler =
          JavaHandler.answering(
              Long.class,
              Long.class,
              (zero, answer) -> {
                Runnable answers =
                    () -> {
                      answer.call(tallyLater.call(object, 3L, 20L));
                      object.close();
                    };
                if (onLoop) {
                  answers.run();
                } else {
                  new Thread(answers).start();
                }
                return null;
              });
      assertThat(run(ask.call(handler))).isEqualTo(3);
      awaitDrop(runtime, its);
    }
    NativeObject closed = run(open.call(number));
    closed.close();
    JavaHandler<Long, Long> handler =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (zero, answer) -> {
              answer.call(tally.call(closed, 3L));
              return null;
            });
    assertThatThrownBy(() -> run(ask.call(handler))).cause().isInstanceOf(ClosedException.class);
    JavaHandler<Long, Long> elsewhere =
        JavaHandler.answering(
            Long.class,
            Long.class,
            (zero, answer) -> {
              ForkJoinPool.commonPool().execute(() -> answer.call(tally.call(closed, 3L)));
              return null;
            });
    assertThatThrownBy(() -> run(ask.call(elsewhere))).cause().isInstanceOf(ClosedException.class);
  }

  @Test
  void aLoopDrivenCallIsNotHandedOver() throws Exception {
    NativeFunction<Long> ask = runtime.function("askTally", Long.class, JavaHandler.class);
    NativeFunction<Long> local =
        runtime.function("localTally", Long.class, NativeObject.class, long.class);
    try (NativeObject object = run(open.call(number))) {
      JavaHandler<Long, Long> handler =
          JavaHandler.answering(
              Long.class,
              Long.class,
              (zero, answer) -> {
                answer.call(local.call(object, 3L));
                return null;
              });
      assertThatThrownBy(() -> run(ask.call(handler)))
          .cause()
          .isInstanceOf(SignatureMismatchException.class)
          .hasMessageContaining("loop-driven");
    }
    awaitDrop(runtime, number);
  }

  @Test
  void oneThatIsForgottenIsReportedAndClosed() throws Exception {
    long forgotten = runtime.metrics().forgottenObjects();
    List<String> logged;
    try (Logged log = Logged.by(NativeObject.class)) {
      run(open.call(number)); // the object is never closed
      Builtin.eventually()
          .until(
              () -> {
                System.gc();
                return runtime.metrics().liveSharedObjects() == 0;
              });
      Builtin.eventually().until(() -> !log.messages().isEmpty());
      logged = log.messages();
    }
    assertThat(logged)
        .singleElement()
        .asString()
        .contains("never closed", "made by openTally", "NativeObjectTest.oneThatIsForgotten");
    assertThat(runtime.metrics().forgottenObjects()).isEqualTo(forgotten + 1);
    awaitDrop(runtime, number);
  }

  @Test
  void theCleanerAfterTheCloseDoesNothing() throws Exception {
    NativeObject object = run(open.call(number));
    object.close();
    object.unreachable();
    assertThat(runtime.metrics().forgottenObjects()).isZero();
    awaitDrop(runtime, number);
  }

  @Test
  void theyGoWithTheirRuntime() throws Exception {
    NativeRuntime closing = Builtin.runtime();
    NativeObject left =
        closing
            .function("openTally", NativeObject.class, long.class)
            .call(number)
            .toFuture(loop)
            .get(30, TimeUnit.SECONDS);
    NativeFunction<Long> add =
        closing.function("tally", Long.class, NativeObject.class, long.class);
    Builtin.closeAndAwaitNothingLeft(closing);
    assertThat(awaitDrop(runtime, number)).startsWith("loopbridge-");
    assertThatThrownBy(() -> add.call(left, 1L).toFuture(loop).get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(RuntimeClosedException.class);
    assertThat(left.isClosed()).isFalse();
    left.close();
  }

  @Test
  void itOutlivesTheLoopThatMadeIt() throws Exception {
    NettyLoop ending = NettyLoop.of(NettyNioLoopTest.newLoop());
    NativeObject object = open.call(number).toFuture(ending).get(30, TimeUnit.SECONDS);
    NettyNioLoopTest.end(ending);
    assertThat(run(tally.call(object, 1L))).isEqualTo(1);
    object.close();
    awaitDrop(runtime, number);
  }

  /** A class of one's own around an object, as generated ones are. */
  private record Tally(NativeObject object) implements TypedObject {}

  @Test
  void aClassOfOnesOwnStandsForIt() throws Exception {
    NativeFunction<Tally> typed = open.as(Tally::new);
    try (Tally own = run(typed.call(number))) {
      assertThat(run(tally.call(own, 4L))).isEqualTo(4);
      assertThat(own.object().toString()).contains("aClassOfOnesOwnStandsForIt");
    }
    awaitDrop(runtime, number);
    NativeFunction<Tally> later =
        runtime
            .function("openTallyLater", NativeObject.class, long.class, long.class)
            .as(Tally::new);
    for (int i = 0; i < 200; i++) {
      CompletableFuture<Tally> stage = later.call(number, i % 2L).toFuture(loop);
      if (!stage.cancel(false)) {
        stage.join().close(); // the call was faster than the cancel
      }
    }
    assertThatThrownBy(() -> tally.as(Tally::new)).isInstanceOf(SignatureMismatchException.class);
    NativeFunction<Tally> failing =
        open.as(
            object -> {
              throw new IllegalStateException("planned");
            });
    assertThatThrownBy(() -> run(failing.call(number))).hasRootCauseMessage("planned");
    NativeFunction<Tally> maybe =
        runtime.function("openTallyOrNone", NativeObject.class, Long.class).as(Tally::new);
    assertThat(run(maybe.call(new Object[] {null}))).isNull();
    Builtin.awaitNothingLeft(runtime);
  }
}
