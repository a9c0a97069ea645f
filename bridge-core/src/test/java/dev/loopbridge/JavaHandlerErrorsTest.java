package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.spi.CallTarget;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a Java handler throws reaches Rust, and comes back to Java from there. */
class JavaHandlerErrorsTest extends HandlerScene {

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

  /** As {@link CompletionStage#toCompletableFuture} allows. */
  private static final class NoFuture<T> extends CompletableFuture<T> {

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
      return new NoFuture<>();
    }

    @Override
    public CompletableFuture<T> toCompletableFuture() {
      throw new UnsupportedOperationException("as planned");
    }
  }

  @Test
  void aStageNeedNotBecomeAFuture() throws Exception {
    NoFuture<Long> stage = new NoFuture<>();
    CompletableFuture<Long> call = start(ask.call(1L, stages(number -> stage)));
    Builtin.eventually().until(() -> stage.getNumberOfDependents() > 0);
    stage.complete(7L);
    assertThat(call.get(30, TimeUnit.SECONDS)).isGreaterThanOrEqualTo(7);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void rustSeesClassMessageAndStack() throws Exception {
    NativeFunction<String> askStack = runtime.function("askStack", String.class, JavaHandler.class);
    JavaHandler<Long, Long> failing =
        longs(number -> failWith(new IllegalStateException("no \ud800 user")));
    String[] lines = run(askStack.call(failing)).split("\n", 3);
    assertThat(lines[0]).isEqualTo("java.lang.IllegalStateException");
    assertThat(lines[1]).isEqualTo("no ? user");
    assertThat(lines[2]).contains("at " + JavaHandlerErrorsTest.class.getName());
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

  // Chains

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

  // Exceptions that misbehave

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
  void anErrorThrownWhileAnErrorIsWrittenStillEndsTheInvocation() {
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
}
