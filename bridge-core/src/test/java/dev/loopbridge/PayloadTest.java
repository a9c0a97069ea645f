package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.nio.ReadOnlyBufferException;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of all types and sizes in both directions, and which side owns their memory meanwhile. */
class PayloadTest {

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  @AfterEach
  void closeAll() {
    Builtin.awaitNothingLeft(runtime);
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private <R> R run(NativeCall<R> call) throws ExecutionException, InterruptedException {
    return call.toFuture(loop).get();
  }

  @Test
  void scalars() throws Exception {
    assertThat(run(runtime.function("noop", Void.class).call())).isNull();
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    assertThat(run(add.call(Long.MAX_VALUE - 1, 1L))).isEqualTo(Long.MAX_VALUE);
    NativeFunction<Integer> addInt =
        runtime.function("addInt", Integer.class, int.class, int.class);
    assertThat(run(addInt.call(-7, 3))).isEqualTo(-4);
    NativeFunction<Double> addDouble =
        runtime.function("addDouble", Double.class, double.class, double.class);
    assertThat(run(addDouble.call(0.5, Double.NEGATIVE_INFINITY)))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    NativeFunction<Boolean> not = runtime.function("not", Boolean.class, boolean.class);
    assertThat(run(not.call(true))).isFalse();
    assertThat(run(not.call(false))).isTrue();
  }

  @Test
  void aBufferMayBeReleasedOnceACallWasStartedOffItsLoop() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    loop.execute(Builtin.blockedUntil(release));
    ByteBuf buffer = Unpooled.directBuffer(5_000).writeByte(7).writeZero(4_998).writeByte(1);
    NativeCall<Long> sum = runtime.function("sumBytes", Long.class, ByteBuf.class).call(buffer);
    CompletableFuture<Long> started = sum.toFuture(loop);
    CompletableFuture<Long> cancelled = sum.toFuture(loop);
    cancelled.cancel(false);
    buffer.readByte();
    buffer.release();
    release.countDown();
    assertThat(started.get(30, TimeUnit.SECONDS)).isEqualTo(8L);
    Builtin.eventually().until(() -> buffer.refCnt() == 0);
  }

  /** Rust may still read the bytes, or they may lie in its read-only data. */
  @Test
  void bytesThatRustLendsCannotBeWrittenTo() throws Exception {
    ByteBuf made = run(runtime.function("makeBytes", ByteBuf.class, long.class).call(5_000L));
    assertThat(made.isDirect()).isTrue();
    assertThat(made.isReadOnly()).isTrue();
    assertThatThrownBy(() -> made.setByte(0, 1)).isInstanceOf(ReadOnlyBufferException.class);
    assertThat(made.nioBuffer().isReadOnly()).isTrue();
    assertThat(made.readableBytes()).isEqualTo(5_000);
    made.release();
  }

  @Test
  void options() throws Exception {
    NativeFunction<Long> longs = runtime.function("echoOptionalLong", Long.class, Long.class);
    assertThat(run(longs.call((Object) null))).isNull();
    assertThat(run(longs.call(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
    NativeFunction<Integer> ints =
        runtime.function("echoOptionalInt", Integer.class, Integer.class);
    assertThat(run(ints.call((Object) null))).isNull();
    assertThat(run(ints.call(-1))).isEqualTo(-1);
    NativeFunction<Double> doubles =
        runtime.function("echoOptionalDouble", Double.class, Double.class);
    assertThat(run(doubles.call((Object) null))).isNull();
    assertThat(run(doubles.call(Math.PI))).isEqualTo(Math.PI);
    NativeFunction<Boolean> booleans =
        runtime.function("echoOptionalBool", Boolean.class, Boolean.class);
    assertThat(run(booleans.call((Object) null))).isNull();
    assertThat(run(booleans.call(true))).isTrue();
    NativeFunction<String> strings =
        runtime.function("echoOptionalString", String.class, String.class);
    assertThat(run(strings.call((Object) null))).isNull();
    assertThat(run(strings.call(""))).isEmpty();
    assertThat(run(strings.call("x".repeat(5_000)))).isEqualTo("x".repeat(5_000));
    NativeFunction<byte[]> bytes =
        runtime.function("echoOptionalBytes", byte[].class, byte[].class);
    assertThat(run(bytes.call((Object) null))).isNull();
    assertThat(run(bytes.call((Object) new byte[0]))).isEmpty();
    assertThat(run(bytes.call((Object) new byte[3_000]))).hasSize(3_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "thirty-five bytes of ASCII text ....",
        "forty-three bytes of ASCII text, which fits",
        "ümläute and ünïcode \u20ac",
        "\ud83d\ude80 rockets \ud83d\ude80 beyond the record's end \ud83d\ude80\ud83d\ude80",
        "nul \u0000 inside",
        "sixty-five characters of ASCII text, which no record has room for",
      })
  void strings(String text) throws Exception {
    NativeFunction<String> echo = runtime.function("echoString", String.class, String.class);
    assertThat(run(echo.call(text))).isEqualTo(text);
    String large = text.repeat(2_000);
    assertThat(run(echo.call(large))).isEqualTo(large);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 1, 34, 35, 36, 42, 43, 44, 47, 48, 49, 64, 1_000, 1_082, 1_083, 1_084, 1_087, 1_088,
        1_089, 4_096, 1_000_003
      })
  void bytesOfEverySize(int size) throws Exception {
    byte[] content = new byte[size];
    new Random(size).nextBytes(content);
    NativeFunction<byte[]> arrays = runtime.function("echo", byte[].class, byte[].class);
    assertThat(run(arrays.call((Object) content))).isEqualTo(content);
    NativeFunction<ByteBuf> buffers = runtime.function("echo", ByteBuf.class, ByteBuf.class);
    CompositeByteBuf composite =
        Unpooled.compositeBuffer()
            .addComponent(true, Unpooled.copiedBuffer(content, 0, size / 2))
            .addComponent(true, Unpooled.copiedBuffer(content, size / 2, size - size / 2));
    for (ByteBuf given :
        new ByteBuf[] {
          Unpooled.copiedBuffer(content),
          Unpooled.directBuffer(size + 7).writeZero(7).writeBytes(content).skipBytes(7),
          composite,
        }) {
      int readerIndex = given.readerIndex();
      ByteBuf received = run(buffers.call(given));
      assertThat(received).isEqualTo(Unpooled.wrappedBuffer(content));
      received.release();
      assertThat(given.readerIndex()).isEqualTo(readerIndex);
      Builtin.eventually().until(() -> given.refCnt() == 1);
      given.release();
    }
  }

  @Test
  void aDirectBufferIsLentNotCopied() throws Exception {
    NativeFunction<Long> stash = runtime.function("stash", Long.class, ByteBuf.class);
    NativeCall<Long> unstash = runtime.function("unstash", Long.class).call();
    ByteBuf given = Unpooled.directBuffer(10_000).writeZero(10_000);
    assertThat(run(stash.call(given))).isEqualTo(10_000L);
    // Rust keeps a clone beyond the call's end: the memory stays lent, whatever the caller does.
    Builtin.eventually().until(() -> runtime.metrics().liveLeases() == 1);
    assertThat(given.refCnt()).isEqualTo(2);
    given.release();
    assertThat(given.refCnt()).isEqualTo(1);
    assertThat(runtime.metrics().lendingCalls()).isEqualTo(1);
    run(unstash);
    Builtin.eventually().until(() -> given.refCnt() == 0);
    Builtin.awaitNothingLeft(runtime);
  }

  @Test
  void memoryLentBeyondTheRuntimesEndComesBack() throws Exception {
    NativeRuntime closing = Builtin.runtime();
    NativeFunction<Long> stash = closing.function("stash", Long.class, ByteBuf.class);
    ByteBuf given = Unpooled.directBuffer(10_000).writeZero(10_000);
    stash.call(given).toFuture(loop).get();
    given.release();
    closing.close();
    assertThat(given.refCnt()).isEqualTo(1);
    run(runtime.function("unstash", Long.class).call());
    Builtin.eventually().until(() -> given.refCnt() == 0);
    Builtin.closeAndAwaitNothingLeft(closing);
  }

  @Test
  void aLargeResultIsNativeMemoryUntilReleased() throws Exception {
    NativeFunction<ByteBuf> make = runtime.function("makeBytes", ByteBuf.class, long.class);
    ByteBuf made = run(make.call(100_000L));
    assertThat(made.isDirect()).isTrue();
    assertThat(made.readableBytes()).isEqualTo(100_000);
    assertThat(runtime.metrics().livePayloads()).isEqualTo(1);
    assertThat(runtime.metrics().livePayloadBytes()).isEqualTo(100_000);
    ByteBuf slice = made.retainedSlice(10, 10);
    made.release();
    assertThat(runtime.metrics().livePayloads()).isEqualTo(1);
    slice.release();
    assertThat(runtime.metrics().livePayloads()).isZero();
  }

  @Test
  void aResultOutlivesItsRuntime() throws Exception {
    NativeRuntime closing = Builtin.runtime();
    NativeFunction<ByteBuf> make = closing.function("makeBytes", ByteBuf.class, long.class);
    ByteBuf made = make.call(50_000L).toFuture(loop).get();
    closing.close();
    assertThat(made.getByte(49_999)).isEqualTo(made.getByte(49_999));
    assertThat(made.readableBytes()).isEqualTo(50_000);
    assertThat(closing.metrics().livePayloads()).isEqualTo(1);
    made.release();
    Builtin.closeAndAwaitNothingLeft(closing);
  }

  @Test
  void aRawCallbackThatIgnoresItsPayloadLeaksNothing() {
    NativeCall<ByteBuf> make =
        runtime.function("makeBytes", ByteBuf.class, long.class).call(100_000L);
    Port port = runtime.on(loop);
    CompletableFuture<Boolean> seen = new CompletableFuture<>();
    loop.execute(() -> make.start(port, (ticket, result) -> seen.complete(result.isValue())));
    assertThat(seen.join()).isTrue();
    Builtin.awaitNothingLeft(runtime);
  }

  /** Bytes that are copied into the call's cell, and bytes that are lent. */
  @ParameterizedTest
  @ValueSource(ints = {1_000, 5_000})
  void aBufferMayBeReleasedAndMovedAsSoonAsItsCallWasStarted(int size) throws Exception {
    NativeFunction<Long> sum = runtime.function("sumBytes", Long.class, ByteBuf.class);
    for (int round = 0; round < 2_000; round++) {
      ByteBuf given = Unpooled.directBuffer(size).writeZero(size).setByte(size - 1, 7);
      CompletableFuture<Long> stage = sum.call(given).toFuture(loop);
      given.skipBytes(size);
      given.release();
      if (round % 10 == 0) {
        stage.cancel(false);
      } else {
        assertThat(stage.get()).isEqualTo(7L);
      }
      Builtin.eventually().until(() -> given.refCnt() == 0);
    }
  }

  @Test
  void aCallCanBeStartedAgain() throws Exception {
    ByteBuf given = Unpooled.directBuffer(500).writeZero(500);
    NativeCall<Long> sum = runtime.function("sumBytes", Long.class, ByteBuf.class).call(given);
    assertThat(run(sum)).isZero();
    given.setByte(3, 9);
    assertThat(run(sum)).isEqualTo(9L);
    Builtin.eventually().until(() -> given.refCnt() == 1);
    ReferenceCountUtil.release(given);
  }
}
