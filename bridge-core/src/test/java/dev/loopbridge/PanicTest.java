package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A Rust panic that reached Java goes on in Rust when a handler fails with its error. */
class PanicTest {

  /** How many panics a runtime keeps; twin of the executor's panics.rs. */
  private static final int KEPT = 64;

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final NativeFunction<Long> panic =
      runtime.function("panicWithNumber", Long.class, long.class);

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private <R> CompletableFuture<R> start(NativeCall<R> call) {
    return call.toFuture(loop);
  }

  private NativePanicError panicOf(NativeCall<?> call) throws Exception {
    try {
      throw new AssertionError("it returned " + start(call).get(30, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(NativePanicError.class);
      return (NativePanicError) e.getCause();
    }
  }

  private static JavaHandler<Long, Long> failing(Throwable error) {
    return JavaHandler.stage(
        Long.class, Long.class, number -> CompletableFuture.failedFuture(error));
  }

  /** What a Rust function catches when it asks a handler that fails with this error. */
  private String caught(NativeRuntime in, Throwable error) throws Exception {
    NativeFunction<String> askCaught = in.function("askCaught", String.class, JavaHandler.class);
    return start(askCaught.call(failing(error))).get(30, TimeUnit.SECONDS);
  }

  @Test
  void aPanicThatPassesThroughJavaKeepsItsPayload() throws Exception {
    NativePanicError error = panicOf(panic.call(42L));
    assertThat(error).hasMessage("a panic whose payload is no text");
    assertThat(caught(runtime, error)).isEqualTo("number 42");
    NativePanicError text =
        panicOf(runtime.function("panicAfterYield", Void.class, String.class).call("boom"));
    assertThat(caught(runtime, text)).isEqualTo("text boom");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aBodyMayReturnTheStageOfTheCallThatPanics() throws Exception {
    JavaHandler<Long, Long> panics =
        JavaHandler.stage(Long.class, Long.class, number -> start(panic.call(6L)));
    JavaHandler<Long, Long> chained =
        JavaHandler.stage(
            Long.class, Long.class, number -> start(panic.call(7L)).thenApply(none -> none));
    NativeFunction<String> askCaught =
        runtime.function("askCaught", String.class, JavaHandler.class);
    assertThat(start(askCaught.call(panics)).get(30, TimeUnit.SECONDS)).isEqualTo("number 6");
    assertThat(start(askCaught.call(chained)).get(30, TimeUnit.SECONDS)).isEqualTo("number 7");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void anUncaughtPanicKeepsItsTextAndItsPlace() throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    NativePanicError first =
        panicOf(runtime.function("panic", Void.class, String.class).call("boom"));
    assertThat(first).hasMessage("boom");
    assertThat(first.location()).matches(".*failures\\.rs:\\d+:\\d+");
    NativePanicError error = first;
    for (int i = 0; i < 3; i++) {
      error = panicOf(ask.call(1L, failing(error)));
      assertThat(error).hasMessage("boom");
      assertThat(error.location()).isEqualTo(first.location());
    }
    assertThat(caught(runtime, error)).isEqualTo("text boom");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aPanicGoesOnOnce() throws Exception {
    NativePanicError error = panicOf(panic.call(1L));
    assertThat(caught(runtime, error)).isEqualTo("number 1");
    assertThat(caught(runtime, error)).startsWith("error dev.loopbridge.NativePanicError: a panic");
    // The payload is gone, so Rust gets the error as it gets any Java object.
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    assertThat(panicOf(ask.call(1L, failing(error)))).isSameAs(error);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void theOldestPanicMakesRoom() throws Exception {
    List<NativePanicError> errors = new ArrayList<>();
    for (long number = 0; number <= KEPT; number++) {
      errors.add(panicOf(panic.call(number)));
    }
    assertThat(caught(runtime, errors.get(0))).startsWith("error");
    for (int number = 1; number <= KEPT; number++) {
      assertThat(caught(runtime, errors.get(number))).isEqualTo("number " + number);
    }
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aPanicOfAnotherRuntimeIsAnError() throws Exception {
    NativePanicError foreign;
    try (NativeRuntime other = Builtin.runtime()) {
      NativeCall<Long> elsewhere =
          other.function("panicWithNumber", Long.class, long.class).call(1L);
      foreign = panicOf(elsewhere);
      panicOf(panic.call(2L)); // the same ticket number, in this runtime
      assertThat(caught(runtime, foreign)).startsWith("error dev.loopbridge.NativePanicError");
      assertThat(caught(other, foreign)).isEqualTo("number 1");
      foreign = panicOf(elsewhere);
    }
    assertThat(caught(runtime, foreign)).startsWith("error dev.loopbridge.NativePanicError");
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void aCopyOfTheErrorNamesNoPanic() throws Exception {
    NativePanicError error = panicOf(panic.call(3L));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(error);
    }
    NativePanicError copy;
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (NativePanicError) in.readObject();
    }
    assertThat(copy.location()).isEqualTo(error.location());
    assertThat(caught(runtime, copy)).startsWith("error");
    assertThat(caught(runtime, error)).isEqualTo("number 3");
  }

  @Test
  void aPanicThatGoesOnIsThrownByAwait() throws Exception {
    NativePanicError error = panicOf(panic.call(4L));
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    assertThatThrownBy(() -> ask.call(1L, failing(error)).await())
        .isInstanceOf(NativePanicError.class)
        .isNotSameAs(error);
  }
}
