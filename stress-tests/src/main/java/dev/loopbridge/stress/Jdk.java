package dev.loopbridge.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Reads the version and vendor of a JDK from its home directory. */
final class Jdk {

  private Jdk() {}

  /** Returns the version and the vendor. */
  static String version(Path home) throws IOException {
    Path release = home.resolve("release");
    if (!Files.isReadable(release)) {
      return "unknown";
    }
    Properties properties = new Properties();
    try (var reader = Files.newBufferedReader(release)) {
      properties.load(reader);
    }
    return (properties.getProperty("JAVA_VERSION", "?")
            + " "
            + properties.getProperty("IMPLEMENTOR", ""))
        .replace("\"", "")
        .trim();
  }
}
