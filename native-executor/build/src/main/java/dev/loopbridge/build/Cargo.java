package dev.loopbridge.build;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs cargo for the crate of one library. What cargo and the compiler say goes to the standard
 * error of this process. Immutable.
 */
public final class Cargo {

  /** The first version whose Rust the crate {@code loopbridge} is written in. */
  public static final int MINOR_VERSION = 88;

  private static final Pattern VERSION =
      Pattern.compile("cargo (\\d+)\\.(\\d+)\\..*", Pattern.DOTALL);
  private static final Pattern FILES = Pattern.compile("\"filenames\":\\[([^\\]]*)\\]");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern HOST = Pattern.compile("(?m)^host: (\\S+)$");

  private final Path crate;
  private final Path target;

  /**
   * Makes one that runs nothing yet.
   *
   * @param crate the directory of {@code Cargo.toml}
   * @param target where cargo keeps what it builds
   */
  public Cargo(Path crate, Path target) {
    this.crate = crate;
    this.target = target;
  }

  /**
   * Refuses a machine that cannot build.
   *
   * @throws BuildException that names what is missing, and how to get it
   */
  public void requireTools() {
    if (!Files.isRegularFile(crate.resolve("Cargo.toml"))) {
      throw new BuildException(
          "there is no Cargo.toml in " + crate + ": make the crate there, or name its directory");
    }
    String version;
    try {
      version = output(List.of("cargo", "--version"));
    } catch (IOException e) {
      throw new BuildException(
          "Loopbridge needs a Rust toolchain (cargo 1."
              + MINOR_VERSION
              + " or newer) on the PATH. Install it from https://rustup.rs, then open a new shell.",
          e);
    }
    Matcher parts = VERSION.matcher(version);
    if (parts.matches()
        && Integer.parseInt(parts.group(1)) == 1
        && Integer.parseInt(parts.group(2)) < MINOR_VERSION) {
      throw new BuildException(
          "Loopbridge needs cargo 1."
              + MINOR_VERSION
              + " or newer, found: "
              + version.strip()
              + ". Install it from https://rustup.rs or run: rustup update stable.");
    }
    if (!File.separator.equals("\\") && !isOnPath("cc")) {
      throw new BuildException(
          "Loopbridge needs a C linker (cc) to build its Rust part. Install one: apt-get install"
              + " gcc, dnf install gcc, or xcode-select --install.");
    }
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  /**
   * Builds the crate, as {@code cargo build} does.
   *
   * @param arguments further arguments of cargo's, such as {@code --release} or {@code --locked}
   * @return the library that was built
   * @throws BuildException if cargo fails, or builds none
   */
  public Path build(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("cargo", "build", "--lib"));
    command.add("--message-format=json-render-diagnostics");
    command.addAll(arguments);
    String messages;
    try {
      messages = output(command);
    } catch (IOException e) {
      throw new BuildException("cargo cannot be run in " + crate + ": " + e, e);
    }
    List<Path> libraries =
        messages
            .lines()
            .filter(line -> line.contains("\"reason\":\"compiler-artifact\""))
            .filter(line -> line.contains("\"cdylib\""))
            .flatMap(Cargo::libraries)
            .toList();
    if (libraries.size() != 1) {
      throw new BuildException(
          "the crate in "
              + crate
              + " builds "
              + (libraries.isEmpty() ? "no library for Java" : "several: " + libraries)
              + "; its Cargo.toml needs: [lib] crate-type = [\"cdylib\"]");
    }
    return libraries.get(0);
  }

  private static Stream<Path> libraries(String message) {
    Matcher files = FILES.matcher(message);
    return files.find()
        ? TEXT.matcher(files.group(1))
            .results()
            .map(file -> file.group(1).replace("\\\\", "\\"))
            .filter(file -> file.matches(".*\\.(so|dylib|dll)"))
            .map(Path::of)
        : Stream.of();
  }

  /** The platform that cargo builds for if it is not told another. */
  public Platform host() {
    try {
      Matcher host = HOST.matcher(output(List.of("rustc", "-vV")));
      if (host.find()) {
        return Platform.ofTarget(host.group(1));
      }
    } catch (IOException e) {
      throw new BuildException("rustc cannot be run: " + e, e);
    }
    throw new BuildException("rustc -vV does not say which platform it is for");
  }

  /** Runs a command in the crate and returns its output. */
  private String output(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(crate.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("CARGO_TARGET_DIR", target.toAbsolutePath().toString());
    Process process = builder.start();
    StringBuilder output = new StringBuilder();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      reader.lines().forEach(line -> output.append(line).append('\n'));
    }
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new BuildException(
            String.join(" ", command) + " failed in " + crate + ", see what it says above");
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new BuildException("the build was interrupted", e);
    }
    return output.toString();
  }
}
