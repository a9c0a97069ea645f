package dev.loopbridge.build;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

  private static final String TARGET = "--target";
  private static final Pattern VERSION =
      Pattern.compile("cargo (\\d+)\\.(\\d+)\\..*", Pattern.DOTALL);
  private static final Pattern FILES = Pattern.compile("\"filenames\":\\[([^\\]]*)\\]");
  private static final Pattern TEXT = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern HOST = Pattern.compile("(?m)^host: (\\S+)$");

  private final Path crate;
  private final Path target;

  /** The directories that have the programs, as the environment names them. */
  private final String path;

  /**
   * Makes one that runs nothing yet.
   *
   * @param crate the directory of {@code Cargo.toml}
   * @param target where cargo keeps what it builds
   */
  public Cargo(Path crate, Path target) {
    this(crate, target, System.getenv().getOrDefault("PATH", ""));
  }

  Cargo(Path crate, Path target, String path) {
    this.crate = crate;
    this.target = target;
    this.path = path;
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
    String version = output(List.of("cargo", "--version"));
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
    if (!File.separator.equals("\\") && find("cc").isEmpty()) {
      throw new BuildException(
          "Loopbridge needs a C linker (cc) to build its Rust part. Install one: apt-get install"
              + " gcc, dnf install gcc, or xcode-select --install.");
    }
  }

  private Optional<Path> find(String program) {
    return Stream.of(path.split(File.pathSeparator))
        .filter(directory -> !directory.isEmpty())
        .flatMap(directory -> Stream.of(program, program + ".exe").map(Path.of(directory)::resolve))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
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
    List<Path> libraries =
        output(command)
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

  /** The platform that cargo builds for, with these arguments of {@code cargo build}. */
  public Platform platform(List<String> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).startsWith(TARGET + "=")) {
        return Platform.ofTarget(arguments.get(i).substring(TARGET.length() + 1));
      } else if (arguments.get(i).equals(TARGET) && i + 1 < arguments.size()) {
        return Platform.ofTarget(arguments.get(i + 1));
      }
    }
    Matcher host = HOST.matcher(output(List.of("rustc", "-vV")));
    if (host.find()) {
      return Platform.ofTarget(host.group(1));
    }
    throw new BuildException("rustc -vV does not say which platform it is for");
  }

  /** Runs a command in the crate and returns its output. */
  private String output(List<String> command) {
    List<String> found = new ArrayList<>(command);
    found.set(
        0,
        find(command.get(0))
            .orElseThrow(
                () ->
                    new BuildException(
                        "Loopbridge needs a Rust toolchain (cargo 1."
                            + MINOR_VERSION
                            + " or newer) on the PATH. Install it from https://rustup.rs, then open"
                            + " a new shell."))
            .toString());
    ProcessBuilder builder =
        new ProcessBuilder(found)
            .directory(crate.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("CARGO_TARGET_DIR", target.toAbsolutePath().toString());
    try {
      Process process = builder.start();
      StringBuilder output = new StringBuilder();
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        reader.lines().forEach(line -> output.append(line).append('\n'));
      }
      if (waitFor(process) != 0) {
        throw new BuildException(
            String.join(" ", command) + " failed in " + crate + ", see what it says above");
      }
      return output.toString();
    } catch (IOException e) {
      throw new BuildException(found.get(0) + " cannot be run in " + crate + ": " + e, e);
    }
  }

  private static int waitFor(Process process) {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new BuildException("the build was interrupted", e);
    }
  }
}
