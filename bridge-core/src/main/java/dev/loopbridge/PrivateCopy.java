package dev.loopbridge;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A library's content in a file that no other user can touch, among the temporary files. Closing
 * deletes it: what the JVM has mapped outlives the file.
 */
final class PrivateCopy implements AutoCloseable {

  private static final String PLACE = "java.io.tmpdir";

  private final Path directory;
  private final Path file;

  /** Empty until the file has the content. */
  private String digest = "";

  private PrivateCopy(Path directory, Path file) {
    this.directory = directory;
    this.file = file;
  }

  /**
   * Copies the library.
   *
   * @throws IOException if there is no place for it; the message names the place and the reason
   */
  static PrivateCopy of(LibrarySource source) throws IOException {
    Path temporary = temporary();
    Path directory;
    try {
      // seed M24
      directory = Files.createTempDirectory(temporary, "loopbridge-", ownerOnly("rwx------"));
    } catch (IOException e) {
      throw new IOException(place() + " cannot be written: " + e, e);
    }
    String name = System.mapLibraryName(source.library());
    PrivateCopy copy = new PrivateCopy(directory, directory.resolve(name));
    try {
      copy.fill(source);
      return copy;
    } catch (IOException | RuntimeException | Error e) {
      copy.close();
      throw e;
    }
  }

  private void fill(LibrarySource source) throws IOException {
    Files.createFile(file, ownerOnly("rw-------")); // fails if anything is there already
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.WRITE)) {
      digest = source.copy(out);
    }
  }

  Path file() {
    return file;
  }

  /** The digest that distinguishes the copied content from any other. */
  String digest() {
    return digest;
  }

  /** The name of the place for copies in messages. */
  static String place() {
    return "the directory for temporary files, '"
        + System.getProperty(PLACE)
        + "' (system property "
        + PLACE
        + "),";
  }

  /**
   * Absolute, as the JVM needs the path of a library; a relative one is below the working
   * directory.
   */
  private static Path temporary() throws IOException {
    String value = System.getProperty(PLACE);
    if (value == null) {
      throw new IOException("system property " + PLACE + " is not set");
    }
    String advice = LibrarySource.encodingAdvice(value);
    Path path;
    try {
      path = Path.of(value).toAbsolutePath();
    } catch (InvalidPathException e) {
      throw new IOException(place() + " is no path: " + e.getReason() + advice, e);
    }
    if (!Files.isDirectory(path)) {
      throw new IOException(place() + " is no directory" + advice);
    }
    return path;
  }

  private static FileAttribute<?>[] ownerOnly(String permissions) {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }

  @Override
  public void close() {
    delete(file);
    delete(directory);
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      path.toFile().deleteOnExit(); // a system that keeps loaded files in use
    }
  }
}
