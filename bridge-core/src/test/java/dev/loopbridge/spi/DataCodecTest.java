package dev.loopbridge.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.DataException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The encoding of data: what is written is read again, and any other bytes are refused. */
class DataCodecTest {

  private static final HexFormat HEX = HexFormat.of();

  /** A record by hand, as a generated one is: with a list of its own kind. */
  record Tree(String name, List<Tree> branches) {}

  private static final DataCodec<Tree> TREE =
      new DataCodec<>() {
        @Override
        public void write(Tree value, DataWriter to) {
          to.enter();
          to.string(value.name());
          TREES.write(value.branches(), to);
          to.leave();
        }

        @Override
        public Tree read(DataReader from) {
          from.enter();
          Tree value = new Tree(from.string(), TREES.read(from));
          from.leave();
          return value;
        }
      };

  private static final DataCodec<List<Tree>> TREES = DataCodecs.list(TREE);

  private static final DataCodec<Object> EMPTY =
      new DataCodec<>() {
        @Override
        public void write(Object value, DataWriter to) {}

        @Override
        public Object read(DataReader from) {
          return "empty";
        }

        @Override
        public int leastBytes() {
          return 0;
        }
      };

  private record Case<T>(String type, DataCodec<T> codec, String bytes, T value) {
    @Override
    public String toString() {
      return type + " " + value;
    }
  }

  static List<Case<?>> cases() {
    Map<String, Integer> ages = new LinkedHashMap<>();
    ages.put("b", 2);
    ages.put("a", 1);
    return List.of(
        new Case<>("bool", DataCodecs.BOOL, "01", true),
        new Case<>("i8", DataCodecs.I8, "ff", (byte) -1),
        new Case<>("i16", DataCodecs.I16, "0280", (short) -32_766),
        new Case<>("i32", DataCodecs.I32, "04030201", 0x01020304),
        new Case<>("i64", DataCodecs.I64, "0807060504030201", 0x0102030405060708L),
        new Case<>("u8", DataCodecs.U8, "ff", 255),
        new Case<>("u16", DataCodecs.U16, "ffff", 65_535),
        new Case<>("u32", DataCodecs.U32, "ffffffff", 4_294_967_295L),
        new Case<>("u64", DataCodecs.U64, "ffffffffffffff7f", Long.MAX_VALUE),
        new Case<>("f32", DataCodecs.F32, "0000c0bf", -1.5f),
        new Case<>("f64", DataCodecs.F64, "000000000000f8bf", -1.5),
        new Case<>("char", DataCodecs.CHAR, "00f60100", 0x1f600),
        new Case<>("string", DataCodecs.STRING, "00000000", ""),
        new Case<>("string", DataCodecs.STRING, "03000000616263", "abc"),
        new Case<>("string", DataCodecs.STRING, "0a00000061c3a4e282acf09f9880", "aä€😀"),
        new Case<>(
            "duration", DataCodecs.DURATION, "010000000000000002000000", Duration.ofSeconds(1, 2)),
        new Case<>(
            "time",
            DataCodecs.TIME,
            "ffffffffffffffff00ca9a3b".replace("00ca9a3b", "ffc99a3b"),
            Instant.ofEpochSecond(-1, 999_999_999)),
        new Case<>(
            "uuid",
            DataCodecs.UUID,
            "00112233445566778899aabbccddeeff",
            UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")),
        new Case<>("i64?", DataCodecs.nullable(DataCodecs.I64), "00", null),
        new Case<>("u8?", DataCodecs.nullable(DataCodecs.U8), "0107", 7),
        new Case<>("list<u8>", DataCodecs.list(DataCodecs.U8), "020000000102", List.of(1, 2)),
        new Case<>(
            "list<u8?>",
            DataCodecs.list(DataCodecs.nullable(DataCodecs.U8)),
            "02000000000102",
            Arrays.asList(null, 2)),
        new Case<>(
            "map<string,u8>",
            DataCodecs.map(DataCodecs.STRING, DataCodecs.U8),
            "02000000" + "010000006202" + "010000006101",
            ages),
        new Case<>(
            "list<Empty>", DataCodecs.list(EMPTY), "03000000", List.of("empty", "empty", "empty")),
        new Case<>(
            "Tree",
            TREE,
            "0100000061" + "01000000" + "0100000062" + "00000000",
            new Tree("a", List.of(new Tree("b", List.of())))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T> void whatIsWrittenIsReadAgain(Case<T> given) {
    assertThat(HEX.formatHex(given.codec.encoded(given.value))).isEqualTo(given.bytes);
    DataReader from = reader(HEX.parseHex(given.bytes));
    assertThat(given.codec.read(from)).isEqualTo(given.value);
    from.end();
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T> void bytesThatAreCutShortAreRefused(Case<T> given) {
    byte[] whole = HEX.parseHex(given.bytes);
    for (int length = 0; length < whole.length; length++) {
      DataReader from = reader(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> given.codec.read(from)).isInstanceOf(DataException.class);
    }
  }

  @Test
  void arraysCrossInOnePiece() {
    short[] shorts = {1, -1};
    int[] ints = {Integer.MIN_VALUE, 2};
    long[] longs = {Long.MIN_VALUE, 3};
    float[] floats = {1.5f, Float.NaN};
    double[] doubles = {Math.PI};
    assertThat(HEX.formatHex(DataCodecs.SHORTS.encoded(shorts))).isEqualTo("020000000100ffff");
    assertThat(again(DataCodecs.SHORTS, shorts)).isEqualTo(shorts);
    assertThat(again(DataCodecs.INTS, ints)).isEqualTo(ints);
    assertThat(again(DataCodecs.LONGS, longs)).isEqualTo(longs);
    assertThat(again(DataCodecs.FLOATS, floats)).isEqualTo(floats);
    assertThat(again(DataCodecs.DOUBLES, doubles)).isEqualTo(doubles);
    assertThat(again(DataCodecs.BYTES, new byte[] {1, 2})).isEqualTo(new byte[] {1, 2});
    assertThat(again(DataCodecs.LONGS, new long[0])).isEmpty();
    assertThat(again(DataCodecs.LONGS, new long[10_000])).hasSize(10_000);
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T> void manyValuesAreWrittenAsOneIs(Case<T> given) {
    DataWriter to = new DataWriter();
    for (int i = 0; i < 1_000; i++) {
      given.codec.write(given.value, to);
    }
    assertThat(HEX.formatHex(to.toBytes())).isEqualTo(given.bytes.repeat(1_000));
  }

  private static <T> T again(DataCodec<T> codec, T value) {
    DataReader from = reader(codec.encoded(value));
    T read = codec.read(from);
    from.end();
    return read;
  }

  private static DataReader reader(byte[] bytes) {
    byte[] inside = new byte[bytes.length + 8]; // bytes around it are none of the value's
    Arrays.fill(inside, (byte) 1);
    System.arraycopy(bytes, 0, inside, 3, bytes.length);
    return new DataReader(inside, 3, bytes.length);
  }

  @ParameterizedTest
  @CsvSource({
    "u8, 256, '256 is no u8, which is from 0 to 255'",
    "u16, -1, '-1 is no u16, which is from 0 to 65535'",
    "char, 55296, '0xd800 is no char of Rust''s, which is a code point'"
  })
  void numbersOutOfRangeAreRefused(String type, int number, String message) {
    DataCodec<Integer> codec =
        switch (type) {
          case "u8" -> DataCodecs.U8;
          case "u16" -> DataCodecs.U16;
          default -> DataCodecs.CHAR;
        };
    assertThatThrownBy(() -> codec.encoded(number))
        .isInstanceOf(DataException.class)
        .hasMessage(message);
  }

  @Test
  void longsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> DataCodecs.U32.encoded(1L << 32)).hasMessageContaining("no u32");
    assertThatThrownBy(() -> DataCodecs.U64.encoded(-1L)).hasMessageContaining("no u64");
    assertThatThrownBy(() -> DataCodecs.U64.read(reader(HEX.parseHex("ffffffffffffffff"))))
        .hasMessageContaining("the u64 18446744073709551615 is larger than the largest long");
    assertThatThrownBy(() -> DataCodecs.DURATION.encoded(Duration.ofSeconds(-1)))
        .hasMessageContaining("PT-1S is negative");
  }

  @Test
  void whatRustCannotHoldIsRefused() {
    assertThatThrownBy(() -> DataCodecs.STRING.encoded("ab\ud800c"))
        .hasMessageContaining("an unpaired surrogate at index 2");
    assertThatThrownBy(() -> DataCodecs.list(DataCodecs.I64).encoded(Arrays.asList(1L, null)))
        .hasMessage("element 1 of a list is null");
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put("a", null);
    assertThatThrownBy(() -> DataCodecs.map(DataCodecs.STRING, DataCodecs.I32).encoded(map))
        .hasMessage("a map has null in the entry a=null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"02", "ff"})
  void flagsAreZeroOrOne(String flag) {
    assertThatThrownBy(() -> DataCodecs.BOOL.read(reader(HEX.parseHex(flag))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("is no bool");
  }

  @Test
  void countsAreComparedWithTheBytesBeforeAnythingIsAllocated() {
    for (String count : List.of("ffffffff", "ffffff7f", "00000040")) {
      byte[] bytes = HEX.parseHex(count + "0000");
      assertThatThrownBy(() -> DataCodecs.list(DataCodecs.I8).read(reader(bytes)))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("elements do not fit into 2 bytes");
      assertThatThrownBy(() -> DataCodecs.list(EMPTY).read(reader(bytes)))
          .isInstanceOf(DataException.class);
      assertThatThrownBy(() -> DataCodecs.LONGS.read(reader(bytes)))
          .isInstanceOf(DataException.class);
      assertThatThrownBy(() -> DataCodecs.BYTES.read(reader(bytes)))
          .isInstanceOf(DataException.class);
      assertThatThrownBy(() -> DataCodecs.STRING.read(reader(bytes)))
          .isInstanceOf(DataException.class);
    }
  }

  @Test
  void elementsWithoutBytesAreCountedOverAllListsOfAValue() {
    DataCodec<List<List<Object>>> lists = DataCodecs.list(DataCodecs.list(EMPTY));
    assertThat(lists.read(reader(HEX.parseHex("020000000000080000000800"))))
        .allMatch(list -> list.size() == 1 << 19);
    assertThatThrownBy(() -> lists.read(reader(HEX.parseHex("020000000000080001000800"))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("524289 elements do not fit");
  }

  @Test
  void anOptionWithoutAValueIsNoFurtherDepth() {
    var deep = DataCodecs.nullable(DataCodecs.STRING);
    DataReader from = reader(new byte[1]);
    for (int i = 0; i < 64; i++) {
      from.enter();
    }
    assertThat(deep.read(from)).isNull();
  }

  @Test
  void valuesAreNestedToADepthOf64() {
    // A tree and its list count one each.
    assertThat(again(TREE, tree(32))).isEqualTo(tree(32));
    assertThatThrownBy(() -> TREE.encoded(tree(33)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nested deeper than 64");
    DataWriter to = new DataWriter();
    for (int i = 0; i < 33; i++) {
      to.string("");
      to.count(i < 32 ? 1 : 0);
    }
    assertThatThrownBy(() -> TREE.read(reader(to.toBytes())))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nested deeper than 64");
  }

  private static Tree tree(int depth) {
    return new Tree("t", depth == 1 ? List.of() : List.of(tree(depth - 1)));
  }

  @Test
  void listsAndMapsThatAreReadCannotBeChanged() {
    List<Long> list = again(DataCodecs.list(DataCodecs.I64), new ArrayList<>(List.of(1L)));
    assertThatThrownBy(() -> list.add(2L)).isInstanceOf(UnsupportedOperationException.class);
    Map<String, Long> map =
        again(DataCodecs.map(DataCodecs.STRING, DataCodecs.I64), Map.of("a", 1L));
    assertThatThrownBy(() -> map.put("b", 2L)).isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @MethodSource("cases")
  <T> void anyBytesAreAValueOrRefused(Case<T> given) {
    Random random = new Random(16);
    byte[] whole = HEX.parseHex(given.bytes);
    int values = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = whole.clone();
      for (int changes = random.nextInt(3); changes >= 0 && bytes.length > 0; changes--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        DataReader from = reader(bytes);
        T value = given.codec.read(from);
        from.end();
        again(given.codec, value);
        values++;
      } catch (DataException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
    assertThat(values).as("values among them").isPositive();
  }
}
