package dev.loopbridge.spi;

import dev.loopbridge.DataException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * Reads encoded values one behind the other. It checks each length and count before anything is
 * allocated by it, so that any bytes give a value or a {@link DataException}. One thread.
 */
public final class DataReader {

  /** How deep values may lie in one another: a list, an option and a named type count one each. */
  static final int MAX_DEPTH = 64;

  /** The most elements that take no bytes, in all lists of a value together. */
  static final int MAX_EMPTY = 1 << 20;

  static final VarHandle SHORT = view(short[].class);
  static final VarHandle INT = view(int[].class);
  static final VarHandle LONG = view(long[].class);
  static final VarHandle BIG_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN)
          .withInvokeExactBehavior();

  private final byte[] bytes;
  private final int end;
  private int at;
  private int depth;

  /** How many more elements may take no bytes. */
  private int emptyLeft = MAX_EMPTY;

  /** Reads {@code length} bytes from {@code start} on; the array is not copied. */
  public DataReader(byte[] bytes, int start, int length) {
    this.bytes = bytes;
    at = start;
    end = start + length;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN)
        .withInvokeExactBehavior();
  }

  /** Returns where the next {@code length} bytes begin, and goes behind them. */
  private int take(int length) {
    int start = at;
    if (length > end - start) {
      throw tooShort(length);
    }
    at = start + length;
    return start;
  }

  private DataException tooShort(int length) {
    return new DataException(
        Integer.toUnsignedString(length) + " bytes are needed, " + (end - at) + " are left");
  }

  /** Returns how many elements follow, of which each takes at least {@code least} bytes. */
  public int count(int least) {
    int count = i32();
    boolean fits =
        count >= 0 && (least > 0 ? (long) count * least <= end - at : count <= emptyLeft);
    if (!fits) {
      throw new DataException(
          Integer.toUnsignedString(count) + " elements do not fit into " + (end - at) + " bytes");
    }
    if (least == 0) {
      emptyLeft -= count;
    }
    return count;
  }

  private int length() {
    int length = i32();
    if (length < 0) {
      throw tooShort(length);
    }
    return length;
  }

  /** Enters a value that has others; {@link #leave} follows it. */
  public void enter() {
    if (++depth > MAX_DEPTH) {
      throw new DataException("the value is nested deeper than " + MAX_DEPTH);
    }
  }

  /** Leaves what was entered. */
  public void leave() {
    depth--;
  }

  /** Reads a {@code bool}, and whether an option has a value. */
  public boolean bool() {
    byte flag = bytes[take(1)];
    if ((flag & ~1) != 0) {
      throw new DataException((flag & 0xff) + " is no bool, which is 0 or 1");
    }
    return flag != 0;
  }

  /** Reads an {@code i8}. */
  public byte i8() {
    return bytes[take(1)];
  }

  /** Reads an {@code i16}. */
  public short i16() {
    return (short) SHORT.get(bytes, take(2));
  }

  /** Reads an {@code i32}. */
  public int i32() {
    return (int) INT.get(bytes, take(4));
  }

  /** Reads an {@code i64}. */
  public long i64() {
    return (long) LONG.get(bytes, take(8));
  }

  /** Reads a {@code u8}. */
  public int u8() {
    return i8() & 0xff;
  }

  /** Reads a {@code u16}. */
  public int u16() {
    return i16() & 0xffff;
  }

  /** Reads a {@code u32}. */
  public long u32() {
    return Integer.toUnsignedLong(i32());
  }

  /** Reads a {@code u64} up to the largest {@code long}. */
  public long u64() {
    long number = i64();
    if (number < 0) {
      throw new DataException(
          "the u64 "
              + Long.toUnsignedString(number)
              + " is larger than the largest long; return it as a string or as two numbers");
    }
    return number;
  }

  /** Reads an {@code f32}. */
  public float f32() {
    return Float.intBitsToFloat(i32());
  }

  /** Reads an {@code f64}. */
  public double f64() {
    return Double.longBitsToDouble(i64());
  }

  /** Reads a {@code char} of Rust's, which is a code point. */
  public int character() {
    int point = i32();
    if (!DataWriter.isCharacter(point)) {
      throw new DataException("0x" + Integer.toHexString(point) + " is no char of Rust's");
    }
    return point;
  }

  /** Reads a string. */
  public String string() {
    int length = length();
    return new String(bytes, take(length), length, StandardCharsets.UTF_8);
  }

  /** Reads bytes, as an array that no other code has. */
  public byte[] bytes() {
    int length = length();
    byte[] copy = new byte[requireLeft(length)];
    System.arraycopy(bytes, take(length), copy, 0, length);
    return copy;
  }

  private int requireLeft(int length) {
    if (length > end - at) {
      throw tooShort(length);
    }
    return length;
  }

  /** Reads a duration. */
  public Duration duration() {
    long seconds = i64();
    int nanos = nanos();
    if (seconds < 0) {
      throw new DataException(
          "a duration of " + Long.toUnsignedString(seconds) + " s is longer than Java's longest");
    }
    return Duration.ofSeconds(seconds, nanos);
  }

  /** Reads a time. */
  public Instant time() {
    long seconds = i64();
    int nanos = nanos();
    try {
      return Instant.ofEpochSecond(seconds, nanos);
    } catch (DateTimeException e) {
      throw new DataException("a time of " + seconds + " s since 1970 is no Instant of Java's");
    }
  }

  private int nanos() {
    int nanos = i32();
    if (nanos < 0 || nanos >= 1_000_000_000) {
      throw new DataException(Integer.toUnsignedString(nanos) + " ns are no part of a second");
    }
    return nanos;
  }

  /** Reads a UUID. */
  public UUID uuid() {
    int start = take(16);
    return new UUID((long) BIG_LONG.get(bytes, start), (long) BIG_LONG.get(bytes, start + 8));
  }

  /**
   * Reads which variant of an enum follows.
   *
   * @param count how many the enum has
   */
  public int variant(int count) {
    int variant = u16();
    if (variant >= count) {
      throw new DataException(variant + " is no variant of an enum of " + count);
    }
    return variant;
  }

  private ByteBuffer elements(int start, int length) {
    return ByteBuffer.wrap(bytes, start, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads a {@code list<i16>}. */
  public short[] shorts() {
    short[] elements = new short[count(2)];
    int start = take(elements.length * 2);
    elements(start, elements.length * 2).asShortBuffer().get(elements);
    return elements;
  }

  /** Reads a {@code list<i32>}. */
  public int[] ints() {
    int[] elements = new int[count(4)];
    int start = take(elements.length * 4);
    elements(start, elements.length * 4).asIntBuffer().get(elements);
    return elements;
  }

  /** Reads a {@code list<i64>}. */
  public long[] longs() {
    long[] elements = new long[count(8)];
    int start = take(elements.length * 8);
    elements(start, elements.length * 8).asLongBuffer().get(elements);
    return elements;
  }

  /** Reads a {@code list<f32>}. */
  public float[] floats() {
    float[] elements = new float[count(4)];
    int start = take(elements.length * 4);
    elements(start, elements.length * 4).asFloatBuffer().get(elements);
    return elements;
  }

  /** Reads a {@code list<f64>}. */
  public double[] doubles() {
    double[] elements = new double[count(8)];
    int start = take(elements.length * 8);
    elements(start, elements.length * 8).asDoubleBuffer().get(elements);
    return elements;
  }

  /** Refuses bytes behind the value. */
  public void end() {
    if (at != end) {
      throw new DataException((end - at) + " bytes are left over behind the value");
    }
  }
}
