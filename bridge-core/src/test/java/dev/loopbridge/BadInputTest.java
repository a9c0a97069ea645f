package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A bad input is refused with an error that names what is wrong, and leaves nothing behind. */
class BadInputTest {

  private final NativeRuntime runtime =
      NativeRuntime.builder(Builtin.library())
          .workerThreads(1)
          .maxInFlight(2)
          .maxPayloadBytes(1_000)
          .build();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  @AfterEach
  void closeAll() {
    Builtin.awaitNothingLeft(runtime);
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private static Throwable failureOf(CompletableFuture<?> stage) {
    try {
      stage.join();
      return null;
    } catch (CompletionException e) {
      return e.getCause();
    }
  }

  @Test
  void unknownFunction() {
    assertThatThrownBy(() -> runtime.function("ad", Long.class))
        .isInstanceOf(UnknownFunctionException.class)
        .hasMessageContaining("'ad'")
        .hasMessageContaining("add")
        .hasMessageContaining("loopbridge_builtin");
  }

  @Test
  void wrongTypesOfAFunction() {
    assertThatThrownBy(() -> runtime.function("add", Integer.class, long.class, long.class))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("add(i64,i64)->i64")
        .hasMessageContaining("returning Integer");
    assertThatThrownBy(() -> runtime.function("add", Long.class, long.class))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("add(long)");
    assertThatThrownBy(() -> runtime.function("echoOptionalLong", Long.class, long.class))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("Long or null");
  }

  @Test
  void wrongArguments() {
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    assertThatThrownBy(() -> add.call(1L))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("takes 2 arguments, given 1");
    assertThatThrownBy(() -> add.call(1L, 2.0))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("argument 2 of add is a java.lang.Double, expected Long");
    assertThatThrownBy(() -> add.call(1L, null))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("argument 2 of add is null");
    assertThatThrownBy(() -> add.call((Object[]) null))
        .isInstanceOf(SignatureMismatchException.class);
  }

  @Test
  void nulls() {
    NativeCall<Void> noop = runtime.function("noop", Void.class).call();
    assertThatThrownBy(() -> runtime.on(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("owner loop");
    assertThatThrownBy(() -> noop.start(runtime.on(loop), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("callback");
    assertThatThrownBy(() -> noop.start(loop, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("target");
    assertThatThrownBy(() -> noop.as(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> LoopRef.of(null, "x"))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("owner loop");
    assertThatThrownBy(() -> LoopRef.of(loop, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("object");
    assertThatThrownBy(() -> JavaHandler.of(long.class, long.class, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("body");
    assertThatThrownBy(() -> NativeRuntime.builder(Builtin.library()).context(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("carrier");
    assertThatThrownBy(() -> NativeRuntime.create(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("library");
    assertThatThrownBy(() -> NativeLibrary.load(null)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> runtime.function(null, Long.class))
        .isInstanceOf(UnknownFunctionException.class);
    assertThatThrownBy(() -> runtime.function("noop", Void.class, (Class<?>[]) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> runtime.function("noop", null))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("noop() returning null");
    assertThatThrownBy(() -> runtime.function("not", boolean.class, (Class<?>) null))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("not(null)");
  }

  @Test
  void argumentsOverThePayloadLimit() {
    NativeFunction<ByteBuf> echo = runtime.function("echo", ByteBuf.class, ByteBuf.class);
    ByteBuf large = Unpooled.directBuffer(1_001).writeZero(1_001);
    assertThat(failureOf(echo.call(large).toFuture(loop)))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining("1001")
        .hasMessageContaining("1000")
        .hasMessageContaining("maxPayloadBytes");
    assertThat(large.refCnt()).isEqualTo(1);
    large.release();
  }

  @Test
  void aReleasedBuffer() {
    NativeFunction<ByteBuf> echo = runtime.function("echo", ByteBuf.class, ByteBuf.class);
    ByteBuf released = Unpooled.directBuffer(100).writeZero(100);
    released.release();
    assertThat(failureOf(echo.call(released).toFuture(loop)))
        .isInstanceOf(io.netty.util.IllegalReferenceCountException.class);
  }

  @Test
  void aStringThatIsNoText() {
    NativeFunction<String> echo = runtime.function("echoString", String.class, String.class);
    assertThat(failureOf(echo.call("ab\ud800").toFuture(loop)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("unpaired surrogate at index 2");
  }

  @Test
  void resultsOverThePayloadLimit() {
    NativeFunction<byte[]> make = runtime.function("makeBytes", byte[].class, long.class);
    assertThat(failureOf(make.call(1_001L).toFuture(loop)))
        .isInstanceOf(PayloadTooLargeException.class)
        .hasMessageContaining("1001");
    assertThat(make.call(1_000L).toFuture(loop).join()).hasSize(1_000);
  }

  @Test
  void callsOverTheInFlightLimit() throws Exception {
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    Port port = runtime.on(loop);
    long[] tickets = new long[2];
    Throwable refused =
        OnLoop.call(
            loop,
            () -> {
              tickets[0] = never.start(port, (ticket, result) -> {});
              tickets[1] = never.start(port, (ticket, result) -> {});
              return catchThrowable(() -> never.start(port, (ticket, result) -> {}));
            });
    assertThat(refused)
        .isInstanceOf(TooManyInFlightException.class)
        .hasMessageContaining("limit is 2");
    loop.execute(
        () -> {
          port.cancel(tickets[0]);
          port.cancel(tickets[1]);
        });
  }

  @Test
  void ticketsThatAreStaleOrForged() throws Exception {
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
    Port port = runtime.on(loop);
    CompletableFuture<Long> settled = new CompletableFuture<>();
    loop.execute(() -> add.start(port, (ticket, result) -> settled.complete(ticket)));
    long stale = settled.get(30, TimeUnit.SECONDS);
    boolean any =
        OnLoop.call(
            loop,
            () ->
                port.cancel(stale)
                    | port.cancel(0)
                    | port.cancel(-1)
                    | port.cancel(Long.MAX_VALUE)
                    | port.cancel(Long.MIN_VALUE));
    assertThat(any).isFalse();
  }

  @Test
  void aPortOffItsLoop() {
    NativeCall<Void> noop = runtime.function("noop", Void.class).call();
    Port port = runtime.on(loop);
    assertThatThrownBy(() -> noop.start(port, (ticket, result) -> {}))
        .isInstanceOf(WrongLoopException.class)
        .hasMessageContaining(loop.toString())
        .hasMessageContaining(Thread.currentThread().getName());
    assertThatThrownBy(() -> port.cancel(1)).isInstanceOf(WrongLoopException.class);
  }

  @Test
  void aPortOfAnotherRuntime() throws Exception {
    try (NativeRuntime other = Builtin.runtime()) {
      NativeCall<Void> noop = other.function("noop", Void.class).call();
      Port port = runtime.on(loop);
      Throwable refused =
          OnLoop.call(loop, () -> catchThrowable(() -> noop.start(port, (ticket, result) -> {})));
      assertThat(refused)
          .isInstanceOf(WrongRuntimeException.class)
          .hasMessageContaining("noop")
          .hasMessageContaining(runtime.toString());
    }
  }

  @Test
  void aClosedRuntime() {
    NativeRuntime closed = Builtin.runtime();
    NativeCall<Void> noop = closed.function("noop", Void.class).call();
    closed.close();
    closed.close();
    assertThat(closed.isClosed()).isTrue();
    assertThat(closed.close(Duration.ofSeconds(1)).cancelled()).isZero();
    assertThat(failureOf(noop.toFuture(loop)))
        .isInstanceOf(RuntimeClosedException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void anExecutorThatIsNoLoop() {
    assertThatThrownBy(() -> NettyLoop.of(ImmediateEventExecutor.INSTANCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("OrderedEventExecutor");
  }

  @Test
  void builderValuesOutOfRange() {
    NativeRuntime.Builder builder = NativeRuntime.builder(Builtin.library());
    assertThatThrownBy(() -> builder.workerThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("workerThreads is 0");
    assertThatThrownBy(() -> builder.maxInFlight(Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.drainBudget(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> builder.blockingThreads(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("blockingThreads is -1");
    assertThatThrownBy(() -> builder.maxPayloadBytes(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maxPayloadBytes is -1");
    for (Duration bad : new Duration[] {null, Duration.ofNanos(-1), Duration.ofNanos(1_000_001)}) {
      assertThatThrownBy(() -> builder.linger(bad))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("linger is " + bad);
    }
    builder.linger(Duration.ofMillis(1));
    for (String name : new String[] {null, " "}) {
      assertThatThrownBy(() -> builder.threadName(name))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> builder.shutdownGrace(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("shutdownGrace is PT-0.000000001S");
    for (Duration none : new Duration[] {null, Duration.ZERO, Duration.ofSeconds(-1)}) {
      assertThatThrownBy(() -> builder.closedByOwner(none))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("closedByOwner is " + none + ", expected more than zero");
    }
  }
}
