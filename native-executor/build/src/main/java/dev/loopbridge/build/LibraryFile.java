package dev.loopbridge.build;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Finds the metadata in the file of a library: ELF of Linux, or Mach-O of macOS. */
final class LibraryFile {

  private static final int ELF = 0x464c457f;
  private static final int MACH_O = 0xfeedfacf;
  private static final int UNIVERSAL = 0xbebafeca; // its own fields are big endian
  private static final Map<Integer, String> PLATFORMS_OF_ELF =
      Map.of(62, "linux-x86_64", 183, "linux-aarch64");
  private static final Map<Integer, String> PLATFORMS_OF_MACH_O =
      Map.of(0x1000007, "macos-x86_64", 0x100000c, "macos-aarch64");
  private static final int ELF_CLASS = 4;
  private static final int ELF_64_BITS = 2;
  private static final int ELF_DATA = 5;
  private static final int ELF_LITTLE_ENDIAN = 1;
  private static final int ELF_SECTION_BYTES = 64;
  private static final int COMMAND_HEADER_BYTES = 8;
  private static final int LC_SEGMENT_64 = 0x19;
  private static final int SEGMENT_HEADER_BYTES = 72;
  private static final int SECTION_HEADER_BYTES = 80;

  private LibraryFile() {}

  static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The sections that hold metadata; none if the library has none. */
  static List<byte[]> metadata(byte[] file, String name) {
    try {
      return switch (file.length < 4 ? 0 : littleEndian(file).getInt(0)) {
        case ELF -> elf(file, name);
        case MACH_O -> machO(file);
        case UNIVERSAL -> universal(file, name);
        default ->
            throw new BuildException(
                name
                    + " is no shared library of Linux or macOS; name the file that cargo built, such"
                    + " as target/cargo/release/libNAME.so");
      };
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw new BuildException(name + " is damaged or cut short; build it again", e);
    }
  }

  /** What an ELF or Mach-O file of one processor is for, but for its C library; or empty. */
  static String platform(byte[] file) {
    ByteBuffer in = littleEndian(file);
    return switch (in.getInt(0)) {
      case ELF -> PLATFORMS_OF_ELF.getOrDefault((int) in.getShort(18), "");
      case MACH_O -> PLATFORMS_OF_MACH_O.getOrDefault(in.getInt(4), "");
      default -> "";
    };
  }

  private static List<byte[]> elf(byte[] file, String name) {
    if (file[ELF_CLASS] != ELF_64_BITS || file[ELF_DATA] != ELF_LITTLE_ENDIAN) {
      throw new BuildException(
          name
              + " is for a processor of 32 bits or of big endian order; build it for one of "
              + PLATFORMS_OF_ELF.values().stream().sorted().toList());
    }
    ByteBuffer in = littleEndian(file);
    int table = Math.toIntExact(in.getLong(40));
    int entryBytes = in.getShort(58) & 0xffff;
    int entries = in.getShort(60) & 0xffff;
    if (entries > 0 && entryBytes < ELF_SECTION_BYTES) {
      throw new IndexOutOfBoundsException("the entries of the table of sections are too short");
    }
    int names = offset(in, table + (in.getShort(62) & 0xffff) * entryBytes);
    List<byte[]> found = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      int entry = table + i * entryBytes;
      if (text(file, names + in.getInt(entry), 16).equals(".lbmeta")) {
        found.add(copy(file, offset(in, entry), in.getLong(entry + 32)));
      }
    }
    return found;
  }

  private static int offset(ByteBuffer elf, int section) {
    return Math.toIntExact(elf.getLong(section + 24));
  }

  private static List<byte[]> machO(byte[] file) {
    ByteBuffer in = littleEndian(file);
    List<byte[]> found = new ArrayList<>();
    int command = 32;
    for (int i = 0; i < in.getInt(16); i++) {
      if (in.getInt(command) == LC_SEGMENT_64) {
        for (int s = 0; s < in.getInt(command + 64); s++) {
          int section = command + SEGMENT_HEADER_BYTES + s * SECTION_HEADER_BYTES;
          if (text(file, section, 16).equals("__lbmeta")) {
            found.add(copy(file, in.getInt(section + 48), in.getLong(section + 40)));
          }
        }
      }
      int bytes = in.getInt(command + 4);
      if (bytes < COMMAND_HEADER_BYTES) {
        throw new IndexOutOfBoundsException("a load command is too short");
      }
      command += bytes;
    }
    return found;
  }

  /**
   * Of a file for several processors, the first library that is one of 64 bits: all say the same.
   */
  private static List<byte[]> universal(byte[] file, String name) {
    ByteBuffer in = ByteBuffer.wrap(file);
    for (int i = 0; i < in.getInt(4); i++) {
      int offset = in.getInt(8 + i * 20 + 8);
      int size = in.getInt(8 + i * 20 + 12);
      if (littleEndian(file).getInt(offset) == MACH_O) {
        return machO(copy(file, offset, size));
      }
    }
    throw new BuildException(name + " has no library of 64 bits");
  }

  private static byte[] copy(byte[] file, int offset, long size) {
    if (offset < 0 || size < 0 || size > file.length - offset) {
      throw new IndexOutOfBoundsException("a section lies outside the file");
    }
    return Arrays.copyOfRange(file, offset, offset + (int) size);
  }

  /** A name that ends with a zero or after {@code most} bytes. */
  private static String text(byte[] file, int at, int most) {
    int end = at;
    while (end < file.length && end - at < most && file[end] != 0) {
      end++;
    }
    return new String(file, at, end - at, StandardCharsets.ISO_8859_1);
  }
}
