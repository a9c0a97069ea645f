package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.spi.DataCodecs;
import org.junit.jupiter.api.Test;

/** Functions that generated classes look up, by the lines that these were generated from. */
class LibraryBindingTest extends LoopScene {

  private final LibraryBinding binding = LibraryBinding.of(runtime);

  @Test
  void aFunctionIsFoundByItsLine() throws Exception {
    NativeFunction<Long> add = binding.function("async add(i64,i64)->i64", Long.class);
    assertThat(run(add.call(40L, 2L))).isEqualTo(42);
  }

  @Test
  void theClassOfAResultMayBeGeneric() throws Exception {
    NativeFunction<LoopRef<?>> back = binding.function("async giveBack(ref)->ref", LoopRef.class);
    LoopRef<String> object = LoopRef.of(loop, "text");
    assertThat(run(back.call(object))).isSameAs(object);
  }

  @Test
  void aFunctionThatTheLibraryHasNotIsNamed() {
    assertThatThrownBy(() -> binding.function("async place(i64)->i64", Long.class))
        .isInstanceOf(UnknownFunctionException.class)
        .hasMessageContaining("has no function 'place'");
  }

  @Test
  void aFunctionThatIsAnotherInTheLibraryIsRefused() {
    assertThatThrownBy(() -> binding.function("async add(i32,i64)->i64", Long.class))
        .isInstanceOf(SignatureMismatchException.class)
        .hasMessage(
            "add: it is async add(i64,i64)->i64 in library 'loopbridge_builtin', async"
                + " add(i32,i64)->i64 in the classes; one of them is from an older build: generate"
                + " the classes from this library, as 'mvn compile' does");
  }

  @Test
  void codecsThatDoNotFitTheLineAreRefused() {
    String line = "async add(i64,i64)->i64";
    assertThatThrownBy(() -> binding.function(line, String.class))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> binding.function(line, DataCodecs.I64))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> binding.function(line, Long.class, DataCodecs.I64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 0 arguments of data, 1 codecs are given");
  }
}
