package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Values that go to Java handlers and back: one of each type, several as a record, and values that
 * are refused.
 */
class JavaHandlerValuesTest extends HandlerScene {

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

  // One value

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

  // Refusals

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
}
