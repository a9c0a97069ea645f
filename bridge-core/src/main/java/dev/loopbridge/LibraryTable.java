package dev.loopbridge;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The header of a library's table: the one format that never changes, so that any jar can name the
 * version of any library.
 *
 * <pre>
 *  | magic 8 | layout fingerprint 8 | table bytes 4 | version length 4 | version 39 | debug 1 | function pointers |
 * </pre>
 */
final class LibraryTable {

  static final int HEADER_BYTES = 64;

  /** This jar's version, which is also that of the Rust crates; a test holds them together. */
  static final String JAR_VERSION = "0.1.0";

  private static final long MAGIC = 0x4744_5242_504f_4f4cL; // "LOOPBRDG" as little-endian bytes
  private static final int FINGERPRINT = 8;
  private static final int VERSION_LENGTH = 20;
  private static final int VERSION = 24;
  private static final int DEBUG = 63;

  private LibraryTable() {}

  /** Returns whether this jar can talk to the library behind the table. */
  static boolean isUsable(@Nullable ByteBuffer table) {
    return table != null
        && isTable(table)
        && fingerprint(table) == RecordLayout.fingerprint()
        && version(table).equals(JAR_VERSION);
  }

  static boolean isTable(ByteBuffer table) {
    return table.isDirect() && table.capacity() >= HEADER_BYTES && read(table).getLong(0) == MAGIC;
  }

  static long fingerprint(ByteBuffer table) {
    return read(table).getLong(FINGERPRINT);
  }

  static String version(ByteBuffer table) {
    int length = Math.min(read(table).getInt(VERSION_LENGTH), DEBUG - VERSION);
    byte[] version = new byte[Math.max(length, 0)];
    table.get(VERSION, version);
    return new String(version, StandardCharsets.UTF_8);
  }

  /**
   * Returns whether the library was built with debug assertions, as cargo does without {@code
   * --release}.
   */
  static boolean isDebug(ByteBuffer table) {
    return table.get(DEBUG) == 1;
  }

  private static ByteBuffer read(ByteBuffer table) {
    return table.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }
}
