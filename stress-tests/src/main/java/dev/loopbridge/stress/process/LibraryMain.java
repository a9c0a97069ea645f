package dev.loopbridge.stress.process;

import dev.loopbridge.LoopbridgeException;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Loads libraries, and prints for each the file it came from or why it was refused. */
final class LibraryMain {

  static final String LOADED = "loaded";
  static final String REFUSED = "refused";
  static final String WORKS = "works";
  static final String CARELESS = "careless";

  static final String BUILTIN = "loopbridge_builtin";

  private LibraryMain() {}

  /**
   * Takes names of libraries, which it tries each before the built-in one; or {@link #CARELESS}, to
   * load that one as it should not be.
   */
  public static void main(String... arguments) throws Exception {
    if (Arrays.equals(arguments, new String[] {CARELESS})) {
      loadCarelessly();
      System.out.println(LOADED + " " + BUILTIN + " " + mapped(BUILTIN));
      return;
    }
    for (String name : arguments) {
      load(name);
    }
    NativeLibrary library = load(BUILTIN);
    if (library != null) {
      try (NativeRuntime runtime = NativeRuntime.create(library)) {
        long sum = Fn.ADD.call(runtime, 1L, 2L).await();
        System.out.println(WORKS + " " + sum);
      }
    }
  }

  private static NativeLibrary load(String name) throws IOException {
    try {
      NativeLibrary library = NativeLibrary.load(name);
      System.out.println(LOADED + " " + name + " " + mapped(name));
      return library;
    } catch (LoopbridgeException e) {
      System.out.println(
          REFUSED + " " + name + " " + e.getClass().getSimpleName() + ": " + e.getMessage());
      return null;
    }
  }

  /** Returns the paths of the files with code in this process that have the library's name. */
  private static String mapped(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.contains(" r-xp ") && line.contains("lib" + name))
        .map(line -> line.substring(line.indexOf('/')))
        .distinct()
        .collect(Collectors.joining(" "));
  }

  /** Loads the library from a file with a predictable name that any user can write. */
  private static void loadCarelessly() throws IOException {
    Path directory = Path.of(System.getProperty("java.io.tmpdir"), "loopbridge-careless");
    Files.createDirectories(directory);
    Path file = directory.resolve(System.mapLibraryName(BUILTIN));
    String resource = "META-INF/native/linux-x86_64/" + System.mapLibraryName(BUILTIN);
    try (InputStream in = LibraryMain.class.getClassLoader().getResourceAsStream(resource)) {
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
    }
    System.load(file.toString());
  }
}
