package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lengths of the values of one record, from one pass over them: which way they are written
 * depends on these. A port uses one instance again for each record. Owner loop only.
 */
final class Measure {

  /** What the address of lent bytes takes beside their form and length. */
  private static final int ADDRESS_BYTES = 8;

  /** The bytes that the values take if all are copied, into a record or into memory of Rust's. */
  long copied;

  /** The bytes that the values take in a block, in which strings are copied and bytes are lent. */
  long block;

  /** The bytes of the strings and byte values alone, for which the limit on payloads holds. */
  long payload;

  /** Measures these values; throws if a string has no UTF-8. Longs, since the sum may pass 2^31. */
  void of(List<ValueType> types, @Nullable Object[] values) {
    long frames = 0;
    long strings = 0;
    long bytes = 0;
    int lent = 0;
    for (int i = 0; i < values.length; i++) {
      Object value = values[i];
      frames += frame(types.get(i), value);
      if (value instanceof String text) {
        strings += Utf8.length(text);
      } else {
        int length = byteLength(value);
        bytes += length;
        lent += length > 0 ? 1 : 0;
      }
    }
    payload = strings + bytes;
    copied = frames + payload;
    block = frames + strings + (long) lent * ADDRESS_BYTES;
  }

  /** Returns the bytes that a value takes beside its content: the flag, the form, the length. */
  private static int frame(ValueType type, @Nullable Object value) {
    int option = type.optional ? 1 : 0;
    if (value == null) {
      return option;
    }
    return option
        + switch (type.kind) {
          case STRING, BYTES, DATA -> 5;
          case REF, LOCAL, OBJECT -> 8;
          case HANDLER -> 12;
          case TUPLE -> throw new IllegalStateException("a tuple is no argument of Rust's");
          default -> type.sizeOfValue();
        };
  }

  private static int byteLength(@Nullable Object value) {
    if (value instanceof ByteBuf bytes) {
      return bytes.readableBytes();
    }
    return value instanceof byte[] bytes ? bytes.length : 0;
  }
}
