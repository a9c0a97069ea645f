package dev.loopbridge;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.function.Function;

/**
 * Finds a library's file, copies it to where nobody else can touch it, and looks at it before the
 * JVM maps it.
 */
final class LibraryFile {

  private static final int ELF_HEADER_BYTES = 64;
  private static final int ELF_MAGIC = 0x464c457f; // 0x7f 'E' 'L' 'F', little endian
  private static final int ELF_PROGRAM_HEADER_BYTES = 56;
  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;

  private LibraryFile() {}

  /** The path that the user set, or null. */
  static Path explicit(String name) {
    String property = "loopbridge.library." + name;
    String value = System.getProperty(property);
    if (value == null) {
      return null;
    }
    Path path = Path.of(value);
    if (!path.isAbsolute()) {
      throw new NativeLibraryException(
          "system property " + property + " is '" + value + "', expected an absolute path");
    }
    if (!Files.isRegularFile(path)) {
      throw new NativeLibraryException(
          "system property " + property + " names " + path + ", which is no file");
    }
    try {
      return path.toRealPath(); // the JVM loads a file once, by whatever path it is named
    } catch (IOException e) {
      throw new NativeLibraryException("cannot find " + path + ": " + e, e);
    }
  }

  /** Where the resource for this platform is. */
  static URL resource(String name, ClassLoader first) {
    String resource = "META-INF/native/" + platform() + "/" + System.mapLibraryName(name);
    URL url = first == null ? null : first.getResource(resource);
    if (url == null) {
      ClassLoader own = LibraryFile.class.getClassLoader();
      url = own == null ? ClassLoader.getSystemResource(resource) : own.getResource(resource);
    }
    if (url == null) {
      throw new NativeLibraryException(
          "no native library '"
              + name
              + "' for "
              + platform()
              + ": resource "
              + resource
              + " is not on the class path; add the jar that holds it, or name a file by -Dloopbridge.library."
              + name
              + "=/absolute/path");
    }
    return url;
  }

  /** Such as {@code linux-x86_64}. */
  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String system = os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os;
    return system
        + "-"
        + switch (arch) {
          case "amd64", "x86-64" -> "x86_64";
          case "arm64" -> "aarch64";
          default -> arch;
        };
  }

  /**
   * Runs {@code use} with a private copy of the resource, which is deleted afterwards: the mapping
   * outlives the file.
   */
  static <T> T withCopy(String name, URL resource, Function<Path, T> use) {
    Path directory = null;
    Path file = null;
    try {
      directory = Files.createTempDirectory("loopbridge-", ownerOnly("rwx------"));
      file = directory.resolve(System.mapLibraryName(name));
      Files.createFile(file, ownerOnly("rw-------")); // fails if anything is there already
      try (InputStream in = resource.openStream()) {
        Files.write(file, in.readAllBytes(), StandardOpenOption.WRITE);
      }
      return use.apply(file);
    } catch (IOException e) {
      throw new NativeLibraryException(
          "library '"
              + name
              + "' cannot be copied from "
              + resource
              + " to "
              + (file == null ? System.getProperty("java.io.tmpdir") : file)
              + ": "
              + e
              + "; name another place by -Djava.io.tmpdir, or the file itself by -Dloopbridge.library."
              + name,
          e);
    } finally {
      delete(file);
      delete(directory);
    }
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  private static void delete(Path path) {
    if (path != null) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        path.toFile().deleteOnExit(); // a system that keeps loaded files in use
      }
    }
  }

  /**
   * Refuses a file that the loader would map beyond its end, which kills the JVM, or could not run
   * here.
   */
  static void check(Path file, String source) {
    if (!platform().startsWith("linux")) {
      return; // the other systems' loaders refuse such files themselves
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = read(channel, 0, ELF_HEADER_BYTES);
      if (header.remaining() < ELF_HEADER_BYTES || header.getInt(0) != ELF_MAGIC) {
        throw damaged(source, "it does not start with an ELF header");
      }
      int machine = header.getShort(18) & 0xffff;
      int expected = platform().endsWith("aarch64") ? AARCH64 : X86_64;
      if (header.get(4) != 2 || machine != expected) {
        throw damaged(source, "it is for machine " + machine + ", this JVM runs on " + platform());
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
    if (entryBytes < ELF_PROGRAM_HEADER_BYTES
        || entries == 0
        || table < 0
        || table > size - (long) entries * entryBytes) {
      throw damaged(source, "its program headers lie outside the file");
    }
    for (int i = 0; i < entries; i++) {
      ByteBuffer entry = read(channel, table + (long) i * entryBytes, ELF_PROGRAM_HEADER_BYTES);
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
