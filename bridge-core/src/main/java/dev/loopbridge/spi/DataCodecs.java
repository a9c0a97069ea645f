package dev.loopbridge.spi;

import dev.loopbridge.DataException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The codecs that generated classes of all libraries share. Immutable; any thread. */
public final class DataCodecs {

  /** {@code bool}. */
  public static final DataCodec<Boolean> BOOL = of(DataWriter::bool, DataReader::bool);

  /** {@code i8}. */
  public static final DataCodec<Byte> I8 = of(DataWriter::i8, DataReader::i8);

  /** {@code i16}. */
  public static final DataCodec<Short> I16 = of(DataWriter::i16, DataReader::i16);

  /** {@code i32}. */
  public static final DataCodec<Integer> I32 = of(DataWriter::i32, DataReader::i32);

  /** {@code i64}. */
  public static final DataCodec<Long> I64 = of(DataWriter::i64, DataReader::i64);

  /** {@code u8}, from 0 to 255. */
  public static final DataCodec<Integer> U8 = of(DataWriter::u8, DataReader::u8);

  /** {@code u16}, from 0 to 65 535. */
  public static final DataCodec<Integer> U16 = of(DataWriter::u16, DataReader::u16);

  /** {@code u32}, from 0 to 4 294 967 295. */
  public static final DataCodec<Long> U32 = of(DataWriter::u32, DataReader::u32);

  /** {@code u64}, from 0 to the largest {@code long}. */
  public static final DataCodec<Long> U64 = of(DataWriter::u64, DataReader::u64);

  /** {@code f32}. */
  public static final DataCodec<Float> F32 = of(DataWriter::f32, DataReader::f32);

  /** {@code f64}. */
  public static final DataCodec<Double> F64 = of(DataWriter::f64, DataReader::f64);

  /** {@code char}, as a code point. */
  public static final DataCodec<Integer> CHAR = of(DataWriter::character, DataReader::character);

  /** {@code string}. */
  public static final DataCodec<String> STRING = of(DataWriter::string, DataReader::string);

  /** {@code bytes}. */
  public static final DataCodec<byte[]> BYTES = of(DataWriter::bytes, DataReader::bytes);

  /** {@code duration}. */
  public static final DataCodec<Duration> DURATION = of(DataWriter::duration, DataReader::duration);

  /** {@code time}. */
  public static final DataCodec<Instant> TIME = of(DataWriter::time, DataReader::time);

  /** {@code uuid}. */
  public static final DataCodec<UUID> UUID = of(DataWriter::uuid, DataReader::uuid);

  /** {@code list<i16>}. */
  public static final DataCodec<short[]> SHORTS = array(DataWriter::shorts, DataReader::shorts);

  /** {@code list<i32>}. */
  public static final DataCodec<int[]> INTS = array(DataWriter::ints, DataReader::ints);

  /** {@code list<i64>}. */
  public static final DataCodec<long[]> LONGS = array(DataWriter::longs, DataReader::longs);

  /** {@code list<f32>}. */
  public static final DataCodec<float[]> FLOATS = array(DataWriter::floats, DataReader::floats);

  /** {@code list<f64>}. */
  public static final DataCodec<double[]> DOUBLES = array(DataWriter::doubles, DataReader::doubles);

  private DataCodecs() {}

  /** A list, read as an unmodifiable one. */
  public static <T> DataCodec<List<T>> list(DataCodec<T> element) {
    return new ListCodec<>(element);
  }

  /** A map, read as an unmodifiable one that has the order in which Rust gave it. */
  public static <K, V> DataCodec<Map<K, V>> map(DataCodec<K> key, DataCodec<V> value) {
    return new MapCodec<>(key, value);
  }

  /** An {@code Option}: null is {@code None}. */
  public static <T> DataCodec<@Nullable T> nullable(DataCodec<T> codec) {
    return new NullableCodec<>(codec);
  }

  /** Returns whether a codec writes null. */
  public static boolean isNullable(DataCodec<?> codec) {
    return codec instanceof NullableCodec<?>;
  }

  private static <T> DataCodec<T> of(
      BiConsumer<DataWriter, T> write, Function<DataReader, T> read) {
    return new DataCodec<>() {
      @Override
      public void write(T value, DataWriter to) {
        write.accept(to, value);
      }

      @Override
      public T read(DataReader from) {
        return read.apply(from);
      }
    };
  }

  /** A list counts among what is nested, also one that is an array. */
  private static <T> DataCodec<T> array(
      BiConsumer<DataWriter, T> write, Function<DataReader, T> read) {
    return new DataCodec<>() {
      @Override
      public void write(T value, DataWriter to) {
        to.enter();
        write.accept(to, value);
        to.leave();
      }

      @Override
      public T read(DataReader from) {
        from.enter();
        T value = read.apply(from);
        from.leave();
        return value;
      }
    };
  }

  private record ListCodec<T>(DataCodec<T> element) implements DataCodec<List<T>> {

    @Override
    public void write(List<T> values, DataWriter to) {
      to.enter();
      int size = values.size();
      to.count(size);
      int written = 0;
      for (T value : values) {
        if (value == null && !isNullable(element)) {
          throw new DataException("element " + written + " of a list is null");
        }
        element.write(value, to);
        written++;
      }
      requireSame(size, written);
      to.leave();
    }

    @Override
    @SuppressWarnings("unchecked") // an array of T is made by a list only
    public List<T> read(DataReader from) {
      from.enter();
      Object[] values = new Object[from.count(element.leastBytes())];
      for (int i = 0; i < values.length; i++) {
        values[i] = element.read(from);
      }
      from.leave();
      return isNullable(element)
          ? Collections.unmodifiableList(Arrays.asList((T[]) values))
          : List.of((T[]) values);
    }
  }

  private static void requireSame(int size, int written) {
    if (size != written) {
      throw new DataException(
          "a list or map of "
              + size
              + " elements had "
              + written
              + " when they were written, so it was changed meanwhile");
    }
  }

  private record MapCodec<K, V>(DataCodec<K> key, DataCodec<V> value)
      implements DataCodec<Map<K, V>> {

    @Override
    public void write(Map<K, V> values, DataWriter to) {
      to.enter();
      int size = values.size();
      to.count(size);
      int written = 0;
      for (Map.Entry<K, V> entry : values.entrySet()) {
        if ((entry.getKey() == null && !isNullable(key))
            || (entry.getValue() == null && !isNullable(value))) {
          throw new DataException("a map has null in the entry " + entry);
        }
        key.write(entry.getKey(), to);
        value.write(entry.getValue(), to);
        written++;
      }
      requireSame(size, written);
      to.leave();
    }

    @Override
    public Map<K, V> read(DataReader from) {
      from.enter();
      int count = from.count(key.leastBytes() + value.leastBytes());
      Map<K, V> values = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        values.put(key.read(from), value.read(from));
      }
      from.leave();
      return Collections.unmodifiableMap(values);
    }
  }

  private static final class NullableCodec<T> implements DataCodec<@Nullable T> {

    private final DataCodec<T> codec;

    NullableCodec(DataCodec<T> codec) {
      this.codec = codec;
    }

    @Override
    public void write(@Nullable T value, DataWriter to) {
      to.bool(value != null);
      if (value != null) {
        to.enter();
        codec.write(value, to);
        to.leave();
      }
    }

    @Override
    @SuppressWarnings("NullAway") // it does not look into type arguments
    public @Nullable T read(DataReader from) {
      if (!from.bool()) {
        return null;
      }
      from.enter();
      T value = codec.read(from);
      from.leave();
      return value;
    }
  }
}
