package dev.loopbridge;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The names of platforms, and where a library for each of them is. */
final class LibraryPlatform {

  /** Those that a library is likely to be built for. */
  static final List<String> KNOWN =
      List.of(
          "linux-x86_64",
          "linux-aarch64",
          "linux-x86_64-musl",
          "linux-aarch64-musl",
          "macos-x86_64",
          "macos-aarch64",
          "windows-x86_64");

  private static final String MUSL = "-musl";
  private static final String NAME = system() + "-" + arch() + (isOnMusl() ? MUSL : "");

  private LibraryPlatform() {}

  /** This JVM's platform, such as {@code linux-x86_64} or, on Alpine, {@code linux-x86_64-musl}. */
  static String name() {
    return NAME;
  }

  static boolean isLinux() {
    return system().equals("linux");
  }

  static boolean isMusl() {
    return NAME.endsWith(MUSL);
  }

  static String arch() {
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (arch) {
      case "amd64", "x86-64" -> "x86_64";
      case "arm64" -> "aarch64";
      default -> arch;
    };
  }

  /** The resource that holds the library for a platform. */
  static String resource(String library, String platform) {
    String file =
        platform.startsWith("windows")
            ? library + ".dll"
            : "lib" + library + (platform.startsWith("macos") ? ".dylib" : ".so");
    return "META-INF/native/" + platform + "/" + file;
  }

  private static String system() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return os.startsWith("mac") ? "macos" : os.startsWith("windows") ? "windows" : os;
  }

  /** Returns whether this process runs on the C library musl: its program's loader is musl's. */
  private static boolean isOnMusl() {
    if (!isLinux()) {
      return false;
    }
    try {
      return ElfFile.interpreter(Path.of("/proc/self/exe")).contains("ld-musl-");
    } catch (IOException e) {
      return false; // without /proc; most systems have glibc
    }
  }
}
