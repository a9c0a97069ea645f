package dev.loopbridge;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Strict UTF-8: a lone surrogate is refused, not replaced, since replacing it would lose data
 * silently.
 */
final class Utf8 {

  private Utf8() {}

  /** Returns the bytes; a long, since the longest strings take more than an int holds. */
  static long length(String text) {
    int length = text.length();
    long bytes = length;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        bytes += c < 0x800 ? 1 : 2;
        if (Character.isSurrogate(c)) {
          if (!Character.isHighSurrogate(c)
              || i + 1 == length
              || !Character.isLowSurrogate(text.charAt(i + 1))) {
            throw new IllegalArgumentException(
                "the string has an unpaired surrogate at index "
                    + i
                    + ", which UTF-8 and Rust cannot hold");
          }
          i++; // a pair takes four bytes: two for its chars, two more
        }
      }
    }
    return bytes;
  }

  /**
   * Writes the text and returns its end. ASCII, the most frequent text, needs no copy if it is
   * short or does not fit into a cell. In between, the JDK's encoder is faster, copy included.
   */
  static int write(String text, ByteBuffer target, int at) {
    int length = text.length();
    if (length > RecordLayout.SUBMISSION_INLINE_BYTES && length <= RecordLayout.CELL_BYTES) {
      byte[] whole = text.getBytes(StandardCharsets.UTF_8);
      target.put(at, whole);
      return at + whole.length;
    }
    int i = 0;
    for (; i < length && text.charAt(i) < 0x80; i++) {
      target.put(at + i, (byte) text.charAt(i));
    }
    if (i == length) {
      return at + length;
    }
    byte[] rest = text.substring(i).getBytes(StandardCharsets.UTF_8);
    target.put(at + i, rest);
    return at + i + rest.length;
  }
}
