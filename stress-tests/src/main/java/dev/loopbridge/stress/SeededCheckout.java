package dev.loopbridge.stress;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A copy of the checkout in which bugs are planted and built, one after the other. */
final class SeededCheckout {

  /** The library that the suites load, built without optimisation. */
  private static final String LIBRARY = "loopbridge_builtin";

  private static final Set<String> LEFT_OUT = Set.of("target", ".git", "stress-results");

  private final Path original;
  private final Path copy;
  private final Path classes;
  private final SeededPlaces places;

  SeededCheckout(Path original, Path directory) throws IOException {
    this.original = original;
    this.copy = directory.resolve("checkout");
    this.classes = directory.resolve("classes");
    this.places = SeededPlaces.of(original);
    copyTree();
  }

  Path root() {
    return copy;
  }

  /** Plants a bug and builds what it changes; returns the parts that replace the product's. */
  SuiteProcess.Patch plant(SeededBug bug)
      throws IOException, InterruptedException, MissingToolException {
    places.plant(bug, copy);
    List<String> files = places.files(bug);
    return build(
        files.stream().anyMatch(file -> file.endsWith(".rs")),
        files.stream().filter(file -> file.endsWith(".java")).toList());
  }

  /** Returns the parts that replace the product's while no bug is planted. */
  SuiteProcess.Patch clean() throws IOException, InterruptedException, MissingToolException {
    return build(/* rust= */ true, List.of());
  }

  /** Restores the lines that a bug replaced. */
  void heal(SeededBug bug) throws IOException {
    for (String file : places.files(bug)) {
      // The files get a new modification time, by which cargo decides what to build.
      Files.writeString(copy.resolve(file), Files.readString(original.resolve(file)));
    }
  }

  private SuiteProcess.Patch build(boolean rust, List<String> javaFiles)
      throws IOException, InterruptedException, MissingToolException {
    List<String> options = new ArrayList<>();
    if (rust) {
      options.add("-Dloopbridge.library." + LIBRARY + "=" + buildLibrary());
    }
    List<Path> path = new ArrayList<>();
    if (!javaFiles.isEmpty()) {
      compile(javaFiles);
      path.add(classes);
    }
    return new SuiteProcess.Patch(path, options);
  }

  private Path buildLibrary() throws IOException, InterruptedException, MissingToolException {
    Path executor = new Checkout(copy).executor();
    Path target = executor.resolve("target/seeded");
    Command.Ended built =
        Command.of("cargo", "build", "--release", "--locked", "-p", "loopbridge-builtin")
            .in(executor)
            .with("CARGO_TARGET_DIR", target.toString())
            .with("CARGO_PROFILE_RELEASE_LTO", "off")
            .with("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .with("CARGO_PROFILE_RELEASE_INCREMENTAL", "true")
            .run();
    if (!built.ok()) {
      throw new IllegalStateException("the seeded library does not build:\n" + built.tail());
    }
    return target.resolve("release").resolve(System.mapLibraryName(LIBRARY));
  }

  private void compile(List<String> files) throws IOException {
    deleteTree(classes);
    Files.createDirectories(classes);
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    if (javac == null) {
      throw new IllegalStateException("self-check compiles Java: run it on a JDK");
    }
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager manager = javac.getStandardFileManager(null, null, null)) {
      boolean compiled =
          javac
              .getTask(
                  messages,
                  manager,
                  null,
                  List.of(
                      "-proc:none",
                      "-nowarn",
                      "-d",
                      classes.toString(),
                      "-cp",
                      System.getProperty("java.class.path")),
                  null,
                  manager.getJavaFileObjectsFromPaths(files.stream().map(copy::resolve).toList()))
              .call();
      if (!compiled) {
        throw new IllegalStateException("the seeded classes do not compile:\n" + messages);
      }
    }
  }

  /** Makes the copy, and keeps the build of the run before. */
  private void copyTree() throws IOException {
    Files.walkFileTree(
        original,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (LEFT_OUT.contains(String.valueOf(directory.getFileName()))) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectories(copy.resolve(original.relativize(directory).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Path to = copy.resolve(original.relativize(file).toString());
            if (!Files.exists(to) || Files.mismatch(file, to) >= 0) {
              Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
