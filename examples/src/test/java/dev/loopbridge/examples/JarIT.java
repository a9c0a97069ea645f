package dev.loopbridge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar runs wherever it and the libraries beside it are, without JVM options, and the JVM prints
 * no warning.
 */
class JarIT {

  private static final Path JAR = Path.of(System.getProperty("application.jar"));

  @TempDir private Path directory;

  @Test
  void runsWithItsLibrariesBesideIt() throws Exception {
    Path jar = Files.copy(JAR, directory.resolve("server.jar"));
    copy(JAR.resolveSibling("lib"), directory.resolve("lib"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    try (ServerProcess server =
        ServerProcess.run(Map.of("PORT", "0"), List.of(java, "-jar", jar.toString()))) {
      int port = server.awaitReady();
      try (RawConnection connection = new RawConnection(port)) {
        connection.upload("width=10", Pictures.encode(Pictures.corners(40, 20), "png"));
        assertThat(connection.receive(true).status()).isEqualTo(200);
      }
      server.sendSigterm();
      assertThat(server.remainingOutput()).isEmpty();
    }
  }

  @Test
  void theGuideNamesIt() throws IOException {
    assertThat(Files.readString(Path.of("README.md")))
        .contains("\njava -jar examples/target/" + JAR.getFileName() + "\n");
  }

  @Test
  void theJarsOfThePublishedModulesHaveTheLicence() throws IOException {
    String version = JAR.getFileName().toString().replaceFirst("^examples", "");
    for (String module :
        List.of("native-executor", "bridge-core", "bridge-reactor", "bridge-vertx")) {
      Path jar = Path.of("..", module, "target", module + version);
      try (ZipFile entries = new ZipFile(jar.toFile())) {
        assertThat(entries.getEntry("META-INF/LICENSE")).as(module).isNotNull();
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectory(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }
}
