package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.concurrent.GlobalEventExecutor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The arguments of a call as two words. */
class ArgumentWordsTest {

  private static final Map<String, List<Object>> VALUES =
      Map.ofEntries(
          Map.entry("bool", List.of(true, false)),
          Map.entry("i8", List.of((byte) -128, (byte) 127)),
          Map.entry("u8", List.of(0, 255)),
          Map.entry("i16", List.of((short) -32_768, (short) 258)),
          Map.entry("u16", List.of(0, 65_535)),
          Map.entry("u32", List.of(0L, 0xffff_ffffL)),
          Map.entry("f32", List.of(-1.5f, Float.NaN)),
          Map.entry("char", List.of((int) 'a', 0x1f600)),
          Map.entry("u64", List.of(0L, Long.MAX_VALUE)),
          Map.entry("i32", List.of(0, 1, -1, Integer.MIN_VALUE, 0x12345678)),
          Map.entry("i64", List.of(0L, -1L, Long.MIN_VALUE, 0x123456789abcdef0L)),
          Map.entry("f64", List.of(0.0, -1.5, Double.NaN)));

  @Test
  void theyAreThoseOfTheRecord() {
    int compared = compare("", new Object[0]);
    for (String one : VALUES.keySet()) {
      for (Object first : VALUES.get(one)) {
        compared += compare(one, first);
        for (String two : VALUES.keySet()) {
          for (Object second : VALUES.get(two)) {
            compared += compare(one + "," + two, first, second);
          }
        }
      }
    }
    assertThat(compared).isEqualTo(1 + 30 + 30 * 30);
  }

  @Test
  void onlyLoopDrivenCallsWithTwoArgumentsOfFixedSizesHaveThem() {
    List<String> others =
        List.of(
            "async f(i64)->i64",
            "local f(i64,i64,i64)->i64",
            "local f(string)->i64",
            "local f(i64?)->i64",
            "local f(i64,fn<i64;i64>)->i64");
    assertThat(others.stream().map(line -> Signature.parse(0, line)))
        .noneMatch(signature -> signature.localInWords);
  }

  private static int compare(String types, Object... arguments) {
    Signature signature = Signature.parse(3, "local f(" + types + ")->i64");
    assertThat(signature.localInWords).isTrue();
    ByteBuffer record =
        RecordLayout.allocate(2, 2)
            .slice(0, RecordLayout.RECORD_BYTES)
            .order(ByteOrder.nativeOrder());
    ObjectTable none =
        new ObjectTable(NettyLoop.of(GlobalEventExecutor.INSTANCE), new PortCounters());
    PortConfig config = new PortConfig(0, 0, 1, 1 << 10, 0, 0, new Signature[0]);
    new ArgumentWriter(config, none, new Cells(record, 0, 0))
        .write(signature, arguments, record, 0, 0);
    assertThat(signature.fixedHead).isEqualTo(RecordLayout.word(record, 0));
    byte[] expected = new byte[signature.fixedLength];
    record.get(RecordLayout.SUBMISSION_ARGUMENTS, expected);
    byte[] words = new byte[2 * Long.BYTES];
    ByteBuffer.wrap(words)
        .order(ByteOrder.nativeOrder())
        .putLong(ArgumentWords.first(signature, arguments))
        .putLong(ArgumentWords.second(signature, arguments));
    assertThat(Arrays.copyOf(words, expected.length)).as(types).isEqualTo(expected);
    return 1;
  }
}
