package dev.loopbridge;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Rust library made with {@code loopbridge::library!}, loaded into this JVM for as long as
 * Loopbridge's own class loader lives. A content is loaded once by each name: who loads the same
 * again shares it, and who finds another content under the same name, as an application that was
 * deployed again may, gets that.
 *
 * <p>It is looked for under the system property {@code loopbridge.library.NAME}, an absolute path,
 * and else as the resource {@code META-INF/native/OS-ARCH/libNAME.so}; OS-ARCH ends with {@code
 * -musl} where the JVM runs on that C library. What is found is copied to a private directory that
 * only its owner can enter, below {@code java.io.tmpdir}, mapped there and deleted: no other
 * program can write into code that runs. If code cannot be mapped from there, a file that the
 * property names is mapped where it is, and a warning logged.
 */
public final class NativeLibrary {

  private static final Logger LOG = System.getLogger(NativeLibrary.class.getName());

  /** Guarded by itself, so that one load at a time has what is offered belong to its file. */
  private static final Map<Content, NativeLibrary> LOADED = new HashMap<>();

  /** A JVM cannot unload a library, and loading it twice would only take memory twice. */
  private record Content(String name, String digest) {}

  private final String name;
  private final int number;
  private final String version;
  private final Map<String, Signature> signatures;
  private final Signature[] byNumber;
  private final LibraryItems items;

  private NativeLibrary(
      String name,
      int number,
      String version,
      Map<String, Signature> signatures,
      LibraryItems items) {
    this.name = name;
    this.number = number;
    this.version = version;
    this.signatures = signatures;
    this.items = items;
    this.byNumber = signatures.values().toArray(new Signature[0]);
  }

  /**
   * Loads the library, searching the thread's context class loader and then Loopbridge's own. Each
   * load reads the content, to compare it with what is loaded: keep what this returns.
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
  public static NativeLibrary load(String name, @Nullable ClassLoader resources) {
    if (name == null || !name.matches("[A-Za-z0-9_]+")) {
      String likely = name == null ? "" : LibrarySource.likelyName(name);
      throw new IllegalArgumentException(
          "a library's name is letters, digits and '_', as Cargo names it, given: "
              + name
              + (likely.matches("[A-Za-z0-9_]+") ? "; expected is likely '" + likely + "'" : ""));
    }
    LibrarySource source = LibrarySource.find(name, resources);
    synchronized (LOADED) {
      if (LOADED.keySet().stream().anyMatch(content -> content.name.equals(name))) {
        NativeLibrary same = LOADED.get(new Content(name, source.digest()));
        if (same != null) {
          return same;
        }
      }
      return loadCopy(source);
    }
  }

  private static NativeLibrary loadCopy(LibrarySource source) {
    Throwable failure;
    String trouble;
    try (PrivateCopy copy = PrivateCopy.of(source)) {
      return load(source, copy.file(), copy.digest());
    } catch (IOException e) {
      failure = e;
      trouble = e.getMessage();
    } catch (UnsatisfiedLinkError e) {
      if (!LinkFailure.isOfPlace(e)) {
        throw LinkFailure.of(source, e);
      }
      failure = e;
      trouble =
          PrivateCopy.place()
              + " does not let code be mapped, so it is mounted noexec or a policy forbids it ("
              + e.getMessage()
              + ")";
    }
    String elsewhere =
        "start the JVM with -Djava.io.tmpdir=/absolute/path of a directory that can be written and"
            + " code run from";
    if (source.file() == null) {
      throw new NativeLibraryException(
          "library '"
              + source.library()
              + "' cannot be copied from "
              + source
              + " to be mapped: "
              + trouble
              + "; "
              + elsewhere
              + ", or name a file by "
              + LibrarySource.option(source.library()),
          failure);
    }
    try {
      NativeLibrary loaded = load(source, source.file(), source.digest());
      LOG.log(
          Level.WARNING,
          "library ''{0}'' is mapped from {1} itself, not from a private copy: {2}. To write into"
              + " that file crashes this JVM; replace it by a rename, or {3}",
          source.library(),
          source,
          trouble,
          elsewhere);
      return loaded;
    } catch (UnsatisfiedLinkError e) {
      e.addSuppressed(failure);
      throw LinkFailure.of(source, e);
    }
  }

  private static NativeLibrary load(LibrarySource source, Path file, String digest) {
    ElfFile.check(file, source.toString());
    Native.takeOffer();
    try {
      System.load(file.toString());
    } catch (RuntimeException e) {
      // IllegalCallerException exists on JDK 17, but the JVM throws it here from JDK 24 on only.
      if (e instanceof IllegalCallerException) {
        Module module = NativeLibrary.class.getModule();
        throw new NativeAccessException(
            "the JVM denies native access, which Loopbridge needs to load library '"
                + source.library()
                + "'; start it with --enable-native-access="
                + (module.isNamed() ? module.getName() : "ALL-UNNAMED"),
            e);
      }
      throw e;
    }
    NativeLibrary library = install(source.library(), Native.takeOffer(), source.toString());
    LOADED.put(new Content(library.name, digest), library);
    return library;
  }

  private static NativeLibrary install(String name, @Nullable ByteBuffer table, String source) {
    if (table == null || !LibraryTable.isTable(table)) {
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
    if (LibraryTable.isDebug(table)) {
      LOG.log(
          Level.WARNING,
          "library ''{0}'' from {1} is a debug build, which is many times slower: build it with"
              + " cargo build --release",
          name,
          source);
    }
    int number = Native.install(table);
    Map<String, Signature> signatures = new LinkedHashMap<>();
    String description = new String(Native.describe(number), StandardCharsets.UTF_8);
    int behind = description.indexOf("\n\n"); // the types follow, if there are any
    String[] lines = (behind < 0 ? description : description.substring(0, behind)).split("\n");
    for (int id = 0; id < lines.length; id++) {
      if (!lines[id].isEmpty()) {
        Signature signature = Signature.parse(id, lines[id]);
        signatures.put(signature.name, signature);
      }
    }
    LibraryItems items =
        behind < 0
            ? LibraryItems.NONE
            : new LibraryItems(List.of(description.substring(behind + 2).split("\n")));
    return new NativeLibrary(name, number, version, signatures, items);
  }

  /** The name it was loaded by. */
  public String name() {
    return name;
  }

  /** The version of the Rust crate {@code loopbridge} inside it. */
  public String version() {
    return version;
  }

  /**
   * The functions that it registers, one signature each, such as {@code async add(i64,i64)->i64}.
   */
  public List<String> functions() {
    return signatures.values().stream().map(Signature::toString).toList();
  }

  /** The types of its own that its functions take and return. */
  LibraryItems items() {
    return items;
  }

  int number() {
    return number;
  }

  /** The functions, by the number of their line in the description. */
  Signature[] signatures() {
    return byNumber;
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
