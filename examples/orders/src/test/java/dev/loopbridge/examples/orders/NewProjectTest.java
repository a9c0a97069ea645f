package dev.loopbridge.examples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loopbridge.build.BuildException;
import dev.loopbridge.build.Cargo;
import dev.loopbridge.build.JavaOptions;
import dev.loopbridge.build.JavaSources;
import dev.loopbridge.build.LibraryMetadata;
import dev.loopbridge.build.NewProject;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The project that the goal {@code new} writes. */
@Tag("slow")
class NewProjectTest {

  private static final Path CHECKOUT = Path.of("../..");

  @TempDir private Path directory;

  @Test
  void itBuildsAndRunsAsItIs() throws Exception {
    Path root = new NewProject("tea-room", "shop.tea", "0.1.0", CHECKOUT).write(directory);
    Path crate = root.resolve("native");
    String lock = Files.readString(Path.of("native/Cargo.lock"));
    Files.writeString( // the versions that are built already
        crate.resolve("Cargo.lock"), lock.replace("name = \"orders\"", "name = \"tea-room\""));
    Cargo cargo = new Cargo(crate, Path.of("target/cargo"));
    cargo.requireTools();
    Path library =
        cargo.build(
            List.of("--profile=dev", "--offline", "--config=profile.dev.debug='line-tables-only'"));
    Path generated = root.resolve("target/generated-sources/loopbridge");
    new JavaSources(LibraryMetadata.read(library), JavaOptions.of("shop.tea")).writeTo(generated);
    Path classes = root.resolve("target/classes");
    compile(root, classes);
    Path packed = classes.resolve(cargo.platform(List.of()).resourceOf("tea_room"));
    Files.createDirectories(packed.getParent());
    Files.copy(library, packed);

    assertThat(run(classes)).isEqualTo("Hello, Ada!");
    assertThat(tests(classes)).isEqualTo(3);
  }

  private static void compile(Path root, Path classes) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-d", classes.toString(), "-proc:none"));
    try (Stream<Path> files = Files.walk(root)) {
      files.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
    }
    int code =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(String[]::new));
    assertThat(code).isZero();
  }

  private static String run(Path classes) throws IOException {
    String path = classes + ":" + System.getProperty("java.class.path");
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-classpath",
                path,
                "shop.tea.Main")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var output = process.inputReader()) {
      return String.join("\n", output.lines().toList());
    }
  }

  /** Runs the tests of the project and returns how many there are. */
  private static int tests(Path classes) throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    URL[] path = {classes.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(path, NewProjectTest.class.getClassLoader())) {
      thread.setContextClassLoader(loader);
      Class<?> test = loader.loadClass("shop.tea.TeaRoomTest");
      var constructor = test.getDeclaredConstructor();
      constructor.setAccessible(true);
      Object instance = constructor.newInstance();
      invoke(test, instance, BeforeAll.class);
      int tests = invoke(test, instance, Test.class);
      invoke(test, instance, AfterAll.class);
      return tests;
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static int invoke(Class<?> test, Object instance, Class<? extends Annotation> marked)
      throws ReflectiveOperationException {
    int invoked = 0;
    for (Method method : test.getDeclaredMethods()) {
      if (method.isAnnotationPresent(marked)) {
        method.setAccessible(true);
        method.invoke(instance);
        invoked++;
      }
    }
    return invoked;
  }

  @Test
  void itHasTheVersionsOfThisBuild() throws IOException {
    Path root = new NewProject("tea", "tea", "0.1.0", CHECKOUT).write(directory);
    String build = Files.readString(CHECKOUT.resolve("pom.xml"));
    String pom = Files.readString(root.resolve("pom.xml"));
    for (String plugin : List.of("maven-compiler", "maven-surefire", "exec-maven")) {
      assertThat(version(pom, plugin + "-plugin")).isEqualTo(version(build, plugin + "-plugin"));
    }
    assertThat(build).contains(">" + version(pom, "junit-jupiter") + "</junit.version>");
    assertThat(version(pom, "loopbridge-maven-plugin")).isEqualTo(version(build, "loopbridge"));
    assertThat(Files.readString(root.resolve("native/Cargo.toml")))
        .contains("rust-version = \"1." + Cargo.MINOR_VERSION + "\"");
    assertThat(build).contains("<rust.minimum>1." + Cargo.MINOR_VERSION + "</rust.minimum>");
    try (Stream<Path> files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile))
          .hasSize(6)
          .noneMatch(file -> file.toString().contains("@"))
          .allSatisfy(file -> assertThat(file).content().doesNotContainPattern("@[A-Z]+@"));
    }
  }

  private static String version(String pom, String artifact) {
    String behind = pom.substring(pom.indexOf("<artifactId>" + artifact + "</artifactId>"));
    return behind.substring(behind.indexOf("<version>") + 9, behind.indexOf("</version>"));
  }

  @Test
  void whatCannotBeAProjectIsNamed() throws IOException {
    assertThatThrownBy(() -> new NewProject("Tea Room", "tea", "0.1.0", CHECKOUT))
        .isInstanceOf(BuildException.class)
        .hasMessageContaining("'Tea Room' is no name of a crate; expected are small letters");
    assertThatThrownBy(() -> new NewProject("async", "tea", "0.1.0", CHECKOUT))
        .hasMessageContaining("choose another, such as my_async");
    assertThatThrownBy(() -> new NewProject("main", "tea", "0.1.0", CHECKOUT))
        .hasMessageContaining("choose another, such as my_main");
    assertThatThrownBy(() -> new NewProject("tea", "tea-room", "0.1.0", CHECKOUT))
        .hasMessageContaining("'tea-room' is no package of Java's");
    assertThatThrownBy(() -> new NewProject("tea", "tea", "0.1.0", directory))
        .hasMessageContaining("-Dloopbridge.checkout=PATH");
    Files.createDirectories(directory.resolve("tea/src"));
    NewProject project = new NewProject("tea", "tea", "0.1.0", CHECKOUT);
    assertThatThrownBy(() -> project.write(directory))
        .hasMessageContaining("tea holds something already");
  }
}
