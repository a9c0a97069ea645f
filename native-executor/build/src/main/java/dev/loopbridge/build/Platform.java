package dev.loopbridge.build;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A platform as {@code NativeLibrary} names it, where it looks for the library of a jar. Immutable.
 *
 * @param name such as {@code linux-x86_64} or {@code linux-aarch64-musl}
 */
public record Platform(String name) {

  private static final Pattern NAME = Pattern.compile("(linux|macos|windows)-([a-z0-9_]+)(-musl)?");

  /** Other names of processors, which no JVM is asked by. */
  private static final Map<String, String> OTHER_NAMES =
      Map.of("amd64", "x86_64", "x64", "x86_64", "arm64", "aarch64");

  /**
   * Checks the name.
   *
   * @throws BuildException if {@code NativeLibrary} would not look there
   */
  public Platform {
    Matcher parts = NAME.matcher(name);
    boolean named = parts.matches();
    if (!named || OTHER_NAMES.containsKey(parts.group(2))) {
      throw new BuildException(
          "'"
              + name
              + "' is no platform; expected is "
              + (named
                  ? "'" + parts.replaceFirst("$1-" + OTHER_NAMES.get(parts.group(2)) + "$3") + "'"
                  : "a name such as linux-x86_64, linux-aarch64-musl or macos-aarch64"));
    }
  }

  /**
   * The platform of a target of Rust's, such as {@code x86_64-unknown-linux-gnu}.
   *
   * @throws BuildException if the bridge does not run there
   */
  public static Platform ofTarget(String target) {
    String arch = target.substring(0, Math.max(target.indexOf('-'), 0));
    String system =
        target.contains("-linux-")
            ? "linux"
            : target.contains("-apple-darwin")
                ? "macos"
                : target.contains("-windows-") ? "windows" : "";
    if (system.isEmpty() || arch.isEmpty()) {
      throw new BuildException(
          "the bridge does not run on Rust's target '"
              + target
              + "'; it runs on Linux, macOS and Windows");
    }
    String libc = target.endsWith("-musl") ? "-musl" : "";
    return new Platform((system + "-" + arch + libc).toLowerCase(Locale.ROOT));
  }

  /** The path in a jar where a library of this name is found. */
  public String resourceOf(String library) {
    String file =
        name.startsWith("windows")
            ? library + ".dll"
            : "lib" + library + (name.startsWith("macos") ? ".dylib" : ".so");
    return "META-INF/native/" + name + "/" + file;
  }
}
