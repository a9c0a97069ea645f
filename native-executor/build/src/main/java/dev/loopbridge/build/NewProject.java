package dev.loopbridge.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A project of two halves that runs: a crate with two functions, and a Java program that calls
 * them, in one Maven module. Immutable.
 */
public final class NewProject {

  /** Crates that cargo refuses or means another by, and classes that the project has besides. */
  private static final Set<String> TAKEN =
      Set.of(
          ("alloc core std test proc_macro loopbridge tokio main guest string "
                  + "duration mono system native_library native_runtime")
              .split(" "));

  private static final Set<String> RUST_KEYWORDS =
      Set.of(
          ("abstract as async await become box break const continue crate do dyn "
                  + "else enum extern false final fn for gen if impl in let loop macro "
                  + "match mod move mut override priv pub ref return self static struct "
                  + "super trait true try type typeof unsafe unsized use virtual where "
                  + "while yield")
              .split(" "));

  private final String name;
  private final JavaOptions options;
  private final String version;
  private final Path checkout;

  /**
   * Checks the names, and writes nothing yet.
   *
   * @param name the crate, and the directory of the project, such as {@code orders}
   * @param packageName the package of its classes, such as {@code shop.orders}
   * @param version the version of Loopbridge's artefacts
   * @param checkout the directory of Loopbridge's sources, which have the crate {@code loopbridge}
   * @throws BuildException if a name cannot be one, or the crate is not there
   */
  public NewProject(String name, String packageName, String version, Path checkout) {
    this.name = name;
    this.options = JavaOptions.of(packageName);
    this.version = version;
    this.checkout = checkout;
    if (!name.matches("[a-z][a-z0-9_-]*")) {
      throw new BuildException(
          "'" + name + "' is no name of a crate; expected are small letters, digits, '_' and '-'");
    }
    if (TAKEN.contains(library()) || RUST_KEYWORDS.contains(name)) {
      throw new BuildException(
          "the name '"
              + name
              + "' has another meaning in the project; choose another, such as my_"
              + library());
    }
    if (!Files.isRegularFile(crate().resolve("Cargo.toml"))) {
      throw new BuildException(
          "the crate loopbridge is not in "
              + crate()
              + "; name the directory of a checkout of Loopbridge: -Dloopbridge.checkout=PATH");
    }
  }

  private Path crate() {
    return checkout.resolve("native-executor/crates/executor").toAbsolutePath().normalize();
  }

  private String library() {
    return name.replace('-', '_');
  }

  /**
   * Writes the project into a directory of its name.
   *
   * @param parent where that directory is made
   * @return the directory
   * @throws BuildException if it holds something already, or cannot be written
   */
  public Path write(Path parent) {
    Path root = parent.toAbsolutePath().normalize().resolve(name);
    try {
      if (Files.exists(root) && !isEmpty(root)) {
        throw new BuildException(
            root + " holds something already; choose another name, or remove it");
      }
      Map<String, String> words = words(root);
      for (Map.Entry<String, String> file : files().entrySet()) {
        Path path = root.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.writeString(path, filled(file.getValue(), words));
      }
      return root;
    } catch (IOException e) {
      throw new BuildException("the project cannot be written to " + root + ": " + e, e);
    }
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> content = Files.list(directory)) {
      return content.findAny().isEmpty();
    }
  }

  /** The template of each file, by the path of the file. */
  private Map<String, String> files() {
    String java = options.packageName().replace('.', '/');
    Map<String, String> files = new LinkedHashMap<>();
    files.put("pom.xml", "pom.xml");
    files.put(".gitignore", "gitignore");
    files.put("native/Cargo.toml", "Cargo.toml");
    files.put("native/src/lib.rs", "lib.rs");
    files.put("src/main/java/" + java + "/Main.java", "Main.java");
    files.put("src/test/java/" + java + "/" + functions() + "Test.java", "FunctionsTest.java");
    return files;
  }

  private String functions() {
    return JavaNames.upperCamel(library());
  }

  private Map<String, String> words(Path root) {
    return Map.of(
        "@NAME@", name,
        "@LIBRARY@", library(),
        "@CLASS@", functions(),
        "@PACKAGE@", options.packageName(),
        "@VERSION@", version,
        "@CRATE@", root.resolve("native").relativize(crate()).toString().replace('\\', '/'));
  }

  private static String filled(String template, Map<String, String> words) throws IOException {
    String text;
    try (InputStream in = NewProject.class.getResourceAsStream("project/" + template)) {
      text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    for (Map.Entry<String, String> word : words.entrySet()) {
      text = text.replace(word.getKey(), word.getValue());
    }
    return text;
  }
}
