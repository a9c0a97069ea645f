package dev.loopbridge;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A 64-bit ELF file, as Linux runs and maps it. */
final class ElfFile {

  private static final int HEADER_BYTES = 64;
  private static final int MAGIC = 0x464c457f; // 0x7f 'E' 'L' 'F', little endian
  private static final int CLASS_64 = 2;
  private static final int PROGRAM_HEADER_BYTES = 56;
  private static final int INTERPRETER = 3; // PT_INTERP
  private static final int MAX_INTERPRETER_BYTES = 4_096;
  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;

  private ElfFile() {}

  /**
   * Refuses a file that the loader would map beyond its end, which kills the JVM, or could not run
   * here.
   *
   * @param source what the user knows the file by
   */
  static void check(Path file, String source) {
    if (!LibraryPlatform.isLinux()) {
      return; // the other systems' loaders refuse such files themselves
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = read(channel, 0, HEADER_BYTES);
      if (header.remaining() < HEADER_BYTES || header.getInt(0) != MAGIC) {
        throw damaged(source, "it does not start with an ELF header");
      }
      int machine = header.getShort(18) & 0xffff;
      int expected = LibraryPlatform.arch().equals("aarch64") ? AARCH64 : X86_64;
      if (header.get(4) != CLASS_64 || machine != expected) {
        throw damaged(
            source,
            "it is for machine " + machine + ", this JVM runs on " + LibraryPlatform.name());
      }
      checkSegments(channel, header, source);
    } catch (IOException e) {
      throw new NativeLibraryException("cannot read " + source + ": " + e, e);
    }
  }

  private static void checkSegments(FileChannel channel, ByteBuffer header, String source)
      throws IOException {
    long size = channel.size();
    long table = header.getLong(32);
    int entryBytes = header.getShort(54) & 0xffff;
    int entries = header.getShort(56) & 0xffff;
    if (entryBytes < PROGRAM_HEADER_BYTES
        || entries == 0
        || table < 0
        || table > size - (long) entries * entryBytes) {
      throw damaged(source, "its program headers lie outside the file");
    }
    for (int i = 0; i < entries; i++) {
      ByteBuffer entry = read(channel, table + (long) i * entryBytes, PROGRAM_HEADER_BYTES);
      long offset = entry.getLong(8);
      long length = entry.getLong(32);
      if (offset < 0 || length < 0 || offset > size - length) {
        throw damaged(
            source, "a segment ends at byte " + (offset + length) + ", the file at " + size);
      }
    }
    long sections = header.getLong(40);
    long sectionBytes = (header.getShort(58) & 0xffffL) * (header.getShort(60) & 0xffffL);
    if (sections < 0 || sections > size - sectionBytes) {
      throw damaged(source, "its section headers lie outside the file, so it was cut short");
    }
  }

  /** The loader that the kernel starts a program with, or an empty text if the file names none. */
  static String interpreter(Path program) throws IOException {
    try (FileChannel channel = FileChannel.open(program, StandardOpenOption.READ)) {
      ByteBuffer header = read(channel, 0, HEADER_BYTES);
      if (header.remaining() < HEADER_BYTES
          || header.getInt(0) != MAGIC
          || header.get(4) != CLASS_64) {
        return "";
      }
      long table = header.getLong(32);
      int entryBytes = header.getShort(54) & 0xffff;
      int entries = header.getShort(56) & 0xffff;
      for (int i = 0; i < entries; i++) {
        ByteBuffer entry = read(channel, table + (long) i * entryBytes, PROGRAM_HEADER_BYTES);
        if (entry.remaining() == PROGRAM_HEADER_BYTES && entry.getInt(0) == INTERPRETER) {
          int length = (int) Math.min(entry.getLong(32), MAX_INTERPRETER_BYTES);
          ByteBuffer text = read(channel, entry.getLong(8), length);
          return StandardCharsets.ISO_8859_1.decode(text).toString().trim(); // ends with a zero
        }
      }
      return "";
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {}
    return buffer.flip();
  }

  private static NativeLibraryException damaged(String source, String why) {
    return new NativeLibraryException(
        source + " is damaged or for another platform: " + why + "; build or fetch it again");
  }
}
