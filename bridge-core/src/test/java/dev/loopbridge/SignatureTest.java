package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.ValueType.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lines that describe a library's functions. */
class SignatureTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "async f()->unit",
        "async f({map<string,list<#Item>>},i64?)->{#Order}",
        "heavy f({#A},fn<[i64+string?];bool>,bytes)->{list<u32?>}!Failed",
        "local f(u8,i16,f32,char)->local?",
        "blocking f(fn<{map<i64,i64>};{#B}>)->[i64+u16]"
      })
  void partsOfNestedTypesAreNotSplit(String line) {
    Signature signature = Signature.parse(0, line);
    String arguments = signature.arguments.toString().replace(", ", ",");
    String kind = line.substring(0, line.indexOf(' '));
    int error = line.indexOf('!');
    assertThat(
            kind
                + " f("
                + arguments.substring(1, arguments.length() - 1)
                + ")->"
                + signature.result)
        .isEqualTo(error < 0 ? line : line.substring(0, error));
  }

  @Test
  void numbersHaveFixedSizesAndDataHasNone() {
    Signature signature = Signature.parse(0, "local f(u8,i16,f32,char,u64)->u32");
    assertThat(signature.fixedLength).isEqualTo(1 + 2 + 4 + 4 + 8);
    assertThat(signature.fixedKinds).contains(Kind.CHAR);
    assertThat(Signature.parse(0, "local f({#A})->unit").fixedKinds).isNull();
  }

  @Test
  void dataIsTheSameIfItsTextIs() {
    ValueType data = ValueType.parse("{list<i64>}");
    assertThat(data.isSame(ValueType.parse("{list<i64>}"))).isTrue();
    assertThat(data.isSame(ValueType.parse("{list<i32>}"))).isFalse();
    assertThat(data.isSame(ValueType.parse("bytes"))).isFalse();
  }

  @Test
  void anUnknownTypeIsNamed() {
    assertThatThrownBy(() -> Signature.parse(0, "async f(i128)->unit"))
        .hasMessageContaining("unknown type 'i128'");
  }
}
