package dev.loopbridge.stress.process;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A library's file that must be refused.
 *
 * @param name the name by which the library is loaded
 * @param path the value of the property for it; empty: not set
 * @param exception the simple name of the exception that must be thrown
 */
record DamagedLibrary(String name, String path, String exception) {

  private static final String BAD = "NativeLibraryException";
  private static final String MISMATCH = "LibraryMismatchException";

  /**
   * The first bytes of a library's table; its layout and version follow: see {@code LibraryTable}.
   */
  private static final byte[] MAGIC = "LOOPBRDG".getBytes(StandardCharsets.US_ASCII);

  private static final int LAYOUT_AT = 8;
  private static final int VERSION_AT = 24;
  private static final int MACHINE_AT = 18;
  private static final int CLASS_AT = 4;

  /** Makes all damaged files from the built-in library. */
  static List<DamagedLibrary> all(Path directory) throws IOException {
    Files.createDirectories(directory);
    byte[] whole;
    String resource = "META-INF/native/linux-x86_64/" + System.mapLibraryName(LibraryMain.BUILTIN);
    try (InputStream in = DamagedLibrary.class.getClassLoader().getResourceAsStream(resource)) {
      whole = in.readAllBytes();
    }
    List<DamagedLibrary> all = new ArrayList<>();
    all.add(new DamagedLibrary("missing", "", BAD));
    all.add(new DamagedLibrary("relative", "libloopbridge_builtin.so", BAD));
    all.add(new DamagedLibrary("nowhere", directory.resolve("no.so").toString(), BAD));
    all.add(new DamagedLibrary("folder", directory.toString(), BAD));
    for (int bytes : new int[] {0, 1, 63, 64, 200, 4_096, whole.length / 2, whole.length - 1}) {
      all.add(written(directory, "cut_" + bytes, Arrays.copyOf(whole, bytes), BAD));
    }
    all.add(changed(directory, "text", whole, 0, BAD));
    all.add(changed(directory, "of32bits", whole, CLASS_AT, BAD));
    all.add(changed(directory, "machine", whole, MACHINE_AT, BAD));
    int table = table(whole);
    all.add(changed(directory, "layout", whole, table + LAYOUT_AT, MISMATCH));
    all.add(changed(directory, "version", whole, table + VERSION_AT, MISMATCH));
    all.add(changed(directory, "magic", whole, table, BAD));
    String other = "META-INF/native/libnetty_transport_native_epoll_x86_64.so";
    try (InputStream in = DamagedLibrary.class.getClassLoader().getResourceAsStream(other)) {
      all.add(written(directory, "nettys", in.readAllBytes(), BAD));
    }
    return all;
  }

  private static DamagedLibrary written(Path directory, String name, byte[] bytes, String exception)
      throws IOException {
    Path file = directory.resolve("lib" + name + ".so");
    Files.write(file, bytes);
    return new DamagedLibrary(name, file.toString(), exception);
  }

  private static DamagedLibrary changed(
      Path directory, String name, byte[] whole, int at, String exception) throws IOException {
    byte[] bytes = whole.clone();
    bytes[at] ^= 3;
    return written(directory, name, bytes, exception);
  }

  /**
   * Returns the offset of the library's table: it begins with the magic and has a version at its
   * place.
   */
  private static int table(byte[] bytes) {
    for (int at = 0; at + VERSION_AT + 3 < bytes.length; at += 8) {
      if (Arrays.equals(bytes, at, at + MAGIC.length, MAGIC, 0, MAGIC.length)
          && bytes[at + VERSION_AT + 1] == '.') {
        return at;
      }
    }
    throw new IllegalStateException("the library has no table");
  }
}
