package dev.loopbridge.spi;

import dev.loopbridge.DataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;

/**
 * Writes encoded values one behind the other, as {@link DataReader} reads them. It refuses a value
 * that its Rust type cannot hold. One thread.
 */
public final class DataWriter {

  private static final int FIRST_BYTES = 256;
  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private byte[] bytes = new byte[FIRST_BYTES];
  private int length;
  private int depth;

  /** Makes an empty one. */
  public DataWriter() {}

  /** The bytes that were written, as an array that no other code has. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Makes room for {@code more} bytes and returns where they begin. */
  private int add(int more) {
    int start = length;
    if (more > bytes.length - start) {
      grow(more);
    }
    length = start + more;
    return start;
  }

  private void grow(int more) {
    long needed = (long) length + more;
    if (needed > MAX_BYTES) {
      throw new DataException("the value takes more than " + MAX_BYTES + " bytes");
    }
    bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_BYTES, Math.max(needed, bytes.length * 2L)));
  }

  /** Writes how many elements follow. */
  public void count(int count) {
    i32(count);
  }

  /** Enters a value that has others; {@link #leave} follows it. */
  public void enter() {
    if (++depth > DataReader.MAX_DEPTH) {
      throw new DataException(
          "the value is nested deeper than "
              + DataReader.MAX_DEPTH
              + ", or it contains itself; send it in parts");
    }
  }

  /** Leaves what was entered. */
  public void leave() {
    depth--;
  }

  /** Writes a {@code bool}, and whether an option has a value. */
  public void bool(boolean value) {
    int at = add(1); // first: it may replace the array
    bytes[at] = (byte) (value ? 1 : 0);
  }

  /** Writes an {@code i8}. */
  public void i8(byte value) {
    int at = add(1); // first: it may replace the array
    bytes[at] = value;
  }

  /** Writes an {@code i16}. */
  public void i16(short value) {
    int at = add(2);
    DataReader.SHORT.set(bytes, at, value);
  }

  /** Writes an {@code i32}. */
  public void i32(int value) {
    int at = add(4);
    DataReader.INT.set(bytes, at, value);
  }

  /** Writes an {@code i64}. */
  public void i64(long value) {
    int at = add(8);
    DataReader.LONG.set(bytes, at, value);
  }

  /** Writes a {@code u8}, from 0 to 255. */
  public void u8(int value) {
    i8((byte) in(value, 0xff, "u8"));
  }

  /** Writes a {@code u16}, from 0 to 65 535. */
  public void u16(int value) {
    i16((short) in(value, 0xffff, "u16"));
  }

  /** Writes a {@code u32}, from 0 to 4 294 967 295. */
  public void u32(long value) {
    i32((int) in(value, 0xffff_ffffL, "u32"));
  }

  /** Writes a {@code u64}, which is not negative. */
  public void u64(long value) {
    i64(in(value, Long.MAX_VALUE, "u64"));
  }

  private static long in(long value, long most, String type) {
    if (value < 0 || value > most) {
      throw new DataException(value + " is no " + type + ", which is from 0 to " + most);
    }
    return value;
  }

  /** Writes an {@code f32}. */
  public void f32(float value) {
    i32(Float.floatToRawIntBits(value));
  }

  /** Writes an {@code f64}. */
  public void f64(double value) {
    i64(Double.doubleToRawLongBits(value));
  }

  /** Writes a {@code char} of Rust's: a code point that is no surrogate. */
  public void character(int point) {
    if (!isCharacter(point)) {
      throw new DataException(
          "0x" + Integer.toHexString(point) + " is no char of Rust's, which is a code point");
    }
    i32(point);
  }

  static boolean isCharacter(int point) {
    return Character.isValidCodePoint(point)
        && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE);
  }

  /** Writes a string. */
  public void string(String text) {
    int chars = text.length();
    int start = add(4 + chars) + 4;
    byte[] to = bytes;
    int i = 0;
    for (; i < chars; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        break;
      }
      to[start + i] = (byte) c;
    }
    if (i < chars) {
      length = start + i;
      append(text, i);
    }
    DataReader.INT.set(bytes, start - 4, length - start);
  }

  /** Writes the rest of a string, which is not all ASCII. */
  private void append(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        boolean pair =
            Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new DataException(
              "a string has an unpaired surrogate at index "
                  + i
                  + ", which UTF-8 and Rust cannot hold");
        }
        i++;
      }
    }
    byte[] rest = text.substring(from).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(rest, 0, bytesFor(rest.length), length - rest.length, rest.length);
  }

  private byte[] bytesFor(int more) {
    add(more);
    return bytes;
  }

  /** Writes bytes. */
  public void bytes(byte[] value) {
    i32(value.length);
    System.arraycopy(value, 0, bytesFor(value.length), length - value.length, value.length);
  }

  /** Writes a duration, which is not negative. */
  public void duration(Duration value) {
    if (value.isNegative()) {
      throw new DataException(value + " is negative, which no Duration of Rust's is");
    }
    i64(value.getSeconds());
    i32(value.getNano());
  }

  /** Writes a time. */
  public void time(Instant value) {
    i64(value.getEpochSecond());
    i32(value.getNano());
  }

  /** Writes a UUID. */
  public void uuid(UUID value) {
    int start = add(16);
    DataReader.BIG_LONG.set(bytes, start, value.getMostSignificantBits());
    DataReader.BIG_LONG.set(bytes, start + 8, value.getLeastSignificantBits());
  }

  /** Writes which variant of an enum follows. */
  public void variant(int variant) {
    i16((short) variant);
  }

  /** Writes a {@code list<i16>}. */
  public void shorts(short[] elements) {
    elements(elements.length, 2).asShortBuffer().put(elements);
  }

  /** Writes a {@code list<i32>}. */
  public void ints(int[] elements) {
    elements(elements.length, 4).asIntBuffer().put(elements);
  }

  /** Writes a {@code list<i64>}. */
  public void longs(long[] elements) {
    elements(elements.length, 8).asLongBuffer().put(elements);
  }

  /** Writes a {@code list<f32>}. */
  public void floats(float[] elements) {
    elements(elements.length, 4).asFloatBuffer().put(elements);
  }

  /** Writes a {@code list<f64>}. */
  public void doubles(double[] elements) {
    elements(elements.length, 8).asDoubleBuffer().put(elements);
  }

  /** Writes a count and returns the room for the elements, each of {@code size} bytes. */
  private ByteBuffer elements(int count, int size) {
    i32(count);
    long total = (long) count * size;
    if (total > MAX_BYTES) {
      throw new DataException("the value takes more than " + MAX_BYTES + " bytes");
    }
    int start = add((int) total);
    return ByteBuffer.wrap(bytes, start, (int) total).order(ByteOrder.LITTLE_ENDIAN);
  }
}
