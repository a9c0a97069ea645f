package dev.loopbridge.stress;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A checkout of Loopbridge, from which suites build its Rust part. */
public final class Checkout {

  private final Path root;

  Checkout(Path root) {
    this.root = root;
  }

  /** Returns the top directory. */
  public Path root() {
    return root;
  }

  /** Returns the workspace of the Rust crates. */
  public Path executor() {
    return root.resolve("native-executor");
  }

  /** Returns whether the directory is the top of a checkout. */
  static boolean isAt(Path directory) {
    return Files.isRegularFile(directory.resolve("native-executor/Cargo.lock"))
        && Files.isDirectory(directory.resolve("stress-tests"));
  }

  /** Returns the checkout that contains a directory. */
  static Optional<Path> around(Path directory) {
    for (Path at = directory.toAbsolutePath().normalize(); at != null; at = at.getParent()) {
      if (isAt(at)) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }
}
