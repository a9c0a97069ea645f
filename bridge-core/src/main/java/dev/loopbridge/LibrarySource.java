package dev.loopbridge;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/** The place of a library's content: the file that a system property names, or a resource. */
final class LibrarySource {

  private static final String PROPERTY = "loopbridge.library.";

  private final String library;

  /** The file that the user named; null if the content is a resource. */
  private final @Nullable Path file;

  /** The resource; null if the user named a file. */
  private final @Nullable URL resource;

  private LibrarySource(String library, @Nullable Path file, @Nullable URL resource) {
    this.library = library;
    this.file = file;
    this.resource = resource;
  }

  /**
   * Finds the library.
   *
   * @param first where a resource is looked for before Loopbridge's own class loader; may be null
   * @throws NativeLibraryException if there is none; the message has advice
   */
  static LibrarySource find(String library, @Nullable ClassLoader first) {
    String value = System.getProperty(PROPERTY + library);
    return value != null
        ? new LibrarySource(library, file(PROPERTY + library, value), null)
        : new LibrarySource(library, null, resource(library, first));
  }

  /** The name that the library is loaded by. */
  String library() {
    return library;
  }

  /** The file that the user named, or null. */
  @Nullable Path file() {
    return file;
  }

  /** The content as it is: no cache of the JVM's stands between, such as that of opened jars. */
  InputStream open() throws IOException {
    if (file != null) {
      return Files.newInputStream(file);
    }
    URLConnection connection = Objects.requireNonNull(resource).openConnection();
    connection.setUseCaches(false);
    return connection.getInputStream();
  }

  /**
   * Writes the content to {@code to}, piece by piece; what no other content has: its length and two
   * checksums, which the JVM computes at the speed of memory from its first moment on.
   */
  String copy(OutputStream to) throws IOException {
    CRC32 crc32 = new CRC32();
    CRC32C crc32c = new CRC32C();
    long bytes;
    try (InputStream in = new CheckedInputStream(new CheckedInputStream(open(), crc32), crc32c)) {
      bytes = in.transferTo(to);
    }
    return "%d:%08x:%08x".formatted(bytes, crc32.getValue(), crc32c.getValue());
  }

  /** The digest of the content, as {@link #copy} returns it. */
  String digest() {
    try {
      return copy(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new NativeLibraryException("cannot read " + this + ": " + e, e);
    }
  }

  /** The option of the JVM that names a file for the library. */
  static String option(String library) {
    return "-D" + PROPERTY + library + "=/absolute/path";
  }

  @Override
  public String toString() {
    return String.valueOf(file != null ? file : resource);
  }

  private static Path file(String property, String value) {
    Path path;
    try {
      path = Path.of(value);
    } catch (InvalidPathException e) {
      throw new NativeLibraryException(
          "system property "
              + property
              + " is '"
              + value
              + "', which is no path: "
              + e.getReason()
              + encodingAdvice(value),
          e);
    }
    if (!path.isAbsolute()) {
      throw new NativeLibraryException(
          "system property " + property + " is '" + value + "', expected an absolute path");
    }
    if (!Files.isRegularFile(path)) {
      throw new NativeLibraryException(
          "system property "
              + property
              + " names "
              + path
              + ", which is no file"
              + encodingAdvice(value));
    }
    return path;
  }

  /** The advice for a path in which the JVM's locale may have lost letters; else nothing. */
  static String encodingAdvice(String path) {
    String encoding = System.getProperty("sun.jnu.encoding", "");
    boolean all = encoding.equals("UTF-8") || !LibraryPlatform.isLinux();
    if (all || path.chars().noneMatch(letter -> letter == '?' || letter > '~')) {
      return "";
    }
    return "; the locale of this JVM is for paths in "
        + encoding
        + ", which lacks letters: start the JVM with LC_ALL=C.UTF-8, or choose a path in ASCII";
  }

  private static URL resource(String library, @Nullable ClassLoader first) {
    String name = LibraryPlatform.resource(library, LibraryPlatform.name());
    URL url = look(name, first);
    if (url == null) {
      throw new NativeLibraryException(
          "no native library '"
              + library
              + "' for "
              + LibraryPlatform.name()
              + ": resource "
              + name
              + missing(name)
              + others(library, first)
              + "; or name a file by "
              + option(library)
              + otherProperty(library));
    }
    return url;
  }

  private static @Nullable URL look(String resource, @Nullable ClassLoader first) {
    URL url = first == null ? null : first.getResource(resource);
    if (url != null) {
      return url;
    }
    ClassLoader own = LibrarySource.class.getClassLoader();
    return own == null ? ClassLoader.getSystemResource(resource) : own.getResource(resource);
  }

  /** The message for content that was not found: the places without it, and the advice. */
  private static String missing(String resource) {
    String unresolved = unresolvedModule(resource);
    if (unresolved != null) {
      return " is in module "
          + unresolved
          + " of the module path, which nothing requires; start the JVM with --add-modules "
          + unresolved;
    }
    if (LibrarySource.class.getModule().isNamed()) {
      return " is in no module that was resolved; put the jar that holds it on the module path and"
          + " start the JVM with --add-modules and the name of its module";
    }
    return " is not on the class path; add the jar that holds it";
  }

  /**
   * The module that holds the resource and is on the module path, but was not resolved; or null.
   */
  private static @Nullable String unresolvedModule(String resource) {
    String path = System.getProperty("jdk.module.path", "");
    try {
      Path[] entries =
          Arrays.stream(path.split(File.pathSeparator))
              .filter(entry -> !entry.isEmpty())
              .map(Path::of)
              .toArray(Path[]::new);
      for (ModuleReference module : ModuleFinder.of(entries).findAll()) {
        try (ModuleReader reader = module.open()) {
          if (reader.find(resource).isPresent()) {
            return module.descriptor().name();
          }
        }
      }
    } catch (FindException | IOException | InvalidPathException e) {
      return null; // the message is less exact
    }
    return null;
  }

  /** The platforms that there is a library of this name for. */
  private static String others(String library, @Nullable ClassLoader first) {
    List<String> others =
        LibraryPlatform.KNOWN.stream()
            .filter(platform -> look(LibraryPlatform.resource(library, platform), first) != null)
            .toList();
    if (others.isEmpty()) {
      return "";
    }
    String musl =
        LibraryPlatform.isMusl()
            ? " (this JVM runs on the C library musl, for which Rust builds with --target "
                + LibraryPlatform.arch()
                + "-unknown-linux-musl and RUSTFLAGS=-Ctarget-feature=-crt-static)"
            : "";
    return "; there is one for "
        + String.join(" and ", others)
        + ", which does not run here: build it for "
        + LibraryPlatform.name()
        + " too"
        + musl;
  }

  /** A property that was meant for the library, but has another name. */
  private static String otherProperty(String library) {
    return System.getProperties().stringPropertyNames().stream()
        .filter(property -> property.startsWith(PROPERTY))
        .filter(property -> likelyName(property.substring(PROPERTY.length())).equals(library))
        .map(property -> " (" + property + " is set, which is for no library of this name)")
        .findFirst()
        .orElse("");
  }

  /** The name of the library that a user means by the name of a crate or of a file. */
  static String likelyName(String name) {
    String file = name.substring(name.lastIndexOf('/') + 1);
    String stem = file.replaceFirst("\\.(so|dylib|dll)$", "");
    return (stem.equals(file) ? file : stem.replaceFirst("^lib", "")).replace('-', '_');
  }
}
