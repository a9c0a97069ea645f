package dev.loopbridge;

import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Rust library made with {@code loopbridge::library!}, loaded into this JVM. Loaded once for each
 * class loader it is found by, and, as the JVM has it, for as long as Loopbridge's own class loader
 * lives.
 *
 * <p>It is looked for under the system property {@code loopbridge.library.NAME}, an absolute path,
 * and else as the resource {@code META-INF/native/OS-ARCH/libNAME.so}, which is copied to a private
 * directory only its owner can enter.
 */
public final class NativeLibrary {

  /**
   * One entry for each loaded file: a JVM cannot unload one, and loading it twice would only take
   * memory twice.
   */
  private static final Map<String, NativeLibrary> LOADED = new ConcurrentHashMap<>();

  private final String name;
  private final int number;
  private final String version;
  private final Map<String, Signature> signatures;
  private final Signature[] byNumber;

  private NativeLibrary(
      String name, int number, String version, Map<String, Signature> signatures) {
    this.name = name;
    this.number = number;
    this.version = version;
    this.signatures = signatures;
    this.byNumber = signatures.values().toArray(new Signature[0]);
  }

  /**
   * Loads the library, searching the thread's context class loader and then Loopbridge's own.
   *
   * @param name the name of the Cargo library, such as {@code thumbnails}
   * @throws NativeLibraryException if there is none for this platform, it is damaged, or it is none
   *     of Loopbridge's
   * @throws LibraryMismatchException if it was built with another version of Loopbridge
   * @throws NativeAccessException if the JVM denies this module native access
   */
  public static NativeLibrary load(String name) {
    return load(name, Thread.currentThread().getContextClassLoader());
  }

  /** {@link #load(String)}, searching {@code resources} first. */
  public static NativeLibrary load(String name, ClassLoader resources) {
    if (name == null || !name.matches("[A-Za-z0-9_]+")) {
      throw new IllegalArgumentException(
          "a library's name is letters, digits and '_', as in Cargo.toml, given: " + name);
    }
    Path explicit = LibraryFile.explicit(name);
    if (explicit != null) {
      return LOADED.computeIfAbsent(
          explicit.toString(), path -> load(name, explicit, explicit.toString()));
    }
    URL resource = LibraryFile.resource(name, resources);
    return LOADED.computeIfAbsent(
        resource.toString(),
        url -> LibraryFile.withCopy(name, resource, copy -> load(name, copy, url)));
  }

  /** The lock lets one load at a time, so that what is offered belongs to the file being loaded. */
  private static synchronized NativeLibrary load(String name, Path file, String source) {
    LibraryFile.check(file, source);
    Native.takeOffer();
    try {
      System.load(file.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new NativeLibraryException(
          "the JVM cannot load library '" + name + "' from " + source + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      // IllegalCallerException exists on JDK 17, but the JVM throws it here from JDK 24 on only.
      if (e instanceof IllegalCallerException) {
        Module module = NativeLibrary.class.getModule();
        throw new NativeAccessException(
            "the JVM denies native access, which Loopbridge needs to load library '"
                + name
                + "'; start it with --enable-native-access="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED"),
            e);
      }
      throw e;
    }
    return install(name, Native.takeOffer(), source);
  }

  private static NativeLibrary install(String name, ByteBuffer table, String source) {
    if (!LibraryTable.isTable(table)) {
      throw new NativeLibraryException(
          source
              + " was loaded but is no Loopbridge library; its crate has to call loopbridge::library!");
    }
    String version = LibraryTable.version(table);
    if (!LibraryTable.isUsable(table)) {
      throw new LibraryMismatchException(
          "library '"
              + name
              + "' from "
              + source
              + " was built with loopbridge "
              + version
              + " (layout "
              + Long.toHexString(LibraryTable.fingerprint(table))
              + "), this jar is "
              + LibraryTable.JAR_VERSION
              + " (layout "
              + Long.toHexString(RecordLayout.fingerprint())
              + "); build both from the same version");
    }
    int number = Native.install(table);
    Map<String, Signature> signatures = new LinkedHashMap<>();
    String[] lines = new String(Native.describe(number), StandardCharsets.UTF_8).split("\n");
    for (int id = 0; id < lines.length; id++) {
      if (!lines[id].isEmpty()) {
        Signature signature = Signature.parse(id, lines[id]);
        signatures.put(signature.name, signature);
      }
    }
    return new NativeLibrary(name, number, version, signatures);
  }

  /** The name it was loaded by. */
  public String name() {
    return name;
  }

  /** The version of the Rust crate {@code loopbridge} inside it. */
  public String version() {
    return version;
  }

  /** What it registers, one signature each, such as {@code async add(i64,i64)->i64}. */
  public List<String> functions() {
    return signatures.values().stream().map(Signature::toString).toList();
  }

  int number() {
    return number;
  }

  /** The function whose line of the description has this number. */
  Signature signature(int function) {
    return byNumber[function];
  }

  Signature signature(String function) {
    Signature signature = signatures.get(function);
    if (signature == null) {
      throw new UnknownFunctionException(
          "library '"
              + name
              + "' has no function '"
              + function
              + "'; it registers "
              + String.join(", ", signatures.keySet()));
    }
    return signature;
  }

  @Override
  public String toString() {
    return "NativeLibrary(" + name + " " + version + ")";
  }
}
