package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** A number of a smaller type is accepted in place of a larger one if all its values fit. */
class WideningTest extends LoopScene {

  private final NativeFunction<Long> add =
      runtime.function("add", Long.class, long.class, long.class);
  private final NativeFunction<Integer> addInt =
      runtime.function("addInt", Integer.class, int.class, int.class);
  private final NativeFunction<Double> addDouble =
      runtime.function("addDouble", Double.class, double.class, double.class);

  @Test
  void argumentsAreWidened() throws Exception {
    assertThat(run(add.call(1, Integer.MIN_VALUE))).isEqualTo(1L + Integer.MIN_VALUE);
    assertThat(run(add.call((byte) -1, (short) 3))).isEqualTo(2);
    assertThat(run(addInt.call(Byte.MIN_VALUE, Short.MAX_VALUE))).isEqualTo(32_639);
    assertThat(run(addDouble.call(1.5f, Integer.MAX_VALUE))).isEqualTo(1.5 + Integer.MAX_VALUE);
    assertThat(run(addDouble.call((byte) 1, (short) 2))).isEqualTo(3);
    NativeFunction<Long> optional = runtime.function("echoOptionalLong", Long.class, Integer.class);
    assertThat(run(optional.call(-7))).isEqualTo(-7);
    assertThat(run(optional.call((Object) null))).isNull();
  }

  @Test
  void whatMightBeLostIsRefused() {
    assertThatThrownBy(() -> addInt.call(1L, 2))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("argument 1 of addInt is a java.lang.Long, expected Integer");
    assertThatThrownBy(() -> add.call(1.0, 2)).isInstanceOf(SignatureMismatchException.class);
    assertThatThrownBy(() -> add.call('a', 2)).isInstanceOf(SignatureMismatchException.class);
    assertThatThrownBy(() -> addDouble.call(1L, 2.0))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("expected Double");
  }

  @Test
  void smallerClassesStandForArgumentsAndNotForResults() {
    runtime.function("add", Long.class, int.class, Short.class);
    runtime.function("addDouble", Double.class, float.class, int.class);
    assertThatThrownBy(() -> runtime.function("add", Integer.class, long.class, long.class))
        .isInstanceOf(SignatureMismatchException.class);
    assertThatThrownBy(() -> runtime.function("addInt", Long.class, int.class, int.class))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessageContaining("returning Integer");
    assertThatThrownBy(() -> runtime.function("addInt", Integer.class, long.class, int.class))
        .isInstanceOf(SignatureMismatchException.class);
    assertThatThrownBy(() -> runtime.function("echoOptionalLong", Long.class, int.class))
        .isInstanceOf(SignatureMismatchException.class);
  }

  @Test
  void answersOfHandlersAreWidened() throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    JavaHandler<Long, Integer> digits =
        JavaHandler.of(Long.class, Integer.class, number -> Long.toString(number).length());
    assertThat(run(ask.call(1_000, digits))).isEqualTo(4);
    JavaHandler<Integer, Long> narrow = JavaHandler.of(Integer.class, Long.class, number -> 0L);
    assertThatThrownBy(() -> ask.call(1, narrow))
        .as("what Rust gives might not fit")
        .isInstanceOf(SignatureMismatchException.class);
    JavaHandler<Long, Double> other = JavaHandler.of(Long.class, Double.class, number -> 0.0);
    assertThatThrownBy(() -> ask.call(1, other)).isInstanceOf(SignatureMismatchException.class);
  }
}
