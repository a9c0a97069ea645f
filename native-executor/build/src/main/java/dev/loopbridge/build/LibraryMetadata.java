package dev.loopbridge.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a built library has for Java: its functions and types, read from the file alone. Immutable.
 */
public final class LibraryMetadata {

  private static final byte[] MAGIC = "LBM1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEADER_BYTES = 8;
  private static final String LIBRARY = "library ";

  private final String name;
  private final String version;
  private final List<Item> items;
  private final String platform;

  private LibraryMetadata(String name, String version, List<Item> items, String platform) {
    this.name = name;
    this.version = version;
    this.items = items;
    this.platform = platform;
  }

  /**
   * Reads a library of any platform.
   *
   * @throws BuildException if the file is no library, or has nothing for Java
   */
  public static LibraryMetadata read(Path file) {
    byte[] content;
    try {
      content = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new BuildException(
          "the library " + file + " cannot be read (" + e + "); build it first, with cargo build",
          e);
    }
    List<byte[]> sections = LibraryFile.metadata(content, file.toString());
    Set<String> texts = new LinkedHashSet<>();
    sections.forEach(section -> texts(section, file, texts));
    return of(texts, file.toString(), LibraryFile.platform(content));
  }

  /**
   * Makes it of the texts of a library's items.
   *
   * @param platform what the file is for, but for the C library; empty if that is not known
   */
  static LibraryMetadata of(Iterable<String> texts, String file, String platform) {
    String header = "";
    List<Item> items = new ArrayList<>();
    for (String text : texts) {
      if (text.startsWith(LIBRARY)) {
        header = header.isEmpty() ? text : header;
      } else {
        items.add(ItemParser.parse(text));
      }
    }
    if (items.isEmpty()) {
      throw new BuildException(
          file
              + " has no function and no type for Java: mark them with #[loopbridge::export] and"
              + " #[loopbridge::record], and name other crates that have some in"
              + " loopbridge::library!");
    }
    String[] words = header.split("[ \n]");
    if (words.length < 3) {
      throw new BuildException(
          file + " has items for Java but no name: call loopbridge::library! in its crate");
    }
    // The linker decides the order of what a file has; the sources shall not depend on it.
    items.sort((one, other) -> one.name().compareTo(other.name()));
    return new LibraryMetadata(words[1], words[2], List.copyOf(items), platform);
  }

  private static void texts(byte[] section, Path file, Set<String> texts) {
    int at = 0;
    while (at + HEADER_BYTES <= section.length) {
      if (!isMagic(section, at)) {
        at++;
        continue;
      }
      int length = LibraryFile.littleEndian(section).getInt(at + MAGIC.length);
      if (length < 0 || length > section.length - at - HEADER_BYTES) {
        throw new BuildException(
            "the metadata in " + file + " ends too early: the file is damaged; build it again");
      }
      texts.add(new String(section, at + HEADER_BYTES, length, StandardCharsets.UTF_8));
      at += HEADER_BYTES + length;
    }
  }

  private static boolean isMagic(byte[] section, int at) {
    for (int i = 0; i < MAGIC.length; i++) {
      if (section[at + i] != MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  /** The library's name, as cargo and {@code NativeLibrary.load} have it. */
  public String name() {
    return name;
  }

  /** The version of its crate. */
  public String version() {
    return version;
  }

  /**
   * Refuses to take the file for one of another platform.
   *
   * @throws BuildException if it is for another system or processor
   */
  public void requirePlatform(Platform expected) {
    String plain = expected.name().replaceFirst("-musl$", "");
    if (!platform.isEmpty() && !platform.equals(plain)) {
      throw new BuildException(
          "the library "
              + name
              + " was built for "
              + platform
              + " and would be packed for "
              + expected.name()
              + ", where no JVM could load it; name its own platform by <platform>"
              + platform
              + "</platform>");
    }
  }

  /** The lines of all its functions and types, sorted. */
  public List<String> lines() {
    return items.stream().map(Item::line).sorted().toList();
  }

  List<Item> items() {
    return items;
  }
}
