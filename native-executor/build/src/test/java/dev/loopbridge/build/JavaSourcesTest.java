package dev.loopbridge.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The generated classes, compared with the files of {@code src/test/resources/golden}. After a
 * change that is meant, run with {@code -Dgolden.update=true} and read the difference.
 */
class JavaSourcesTest {

  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @TempDir private Path directory;

  private static JavaSources sources() {
    return new JavaSources(Sample.library(), JavaOptions.of("shop.orders"));
  }

  @Test
  void theTextsAreThoseOfTheGoldenFiles() throws IOException {
    if (Boolean.getBoolean("golden.update")) {
      sources().writeTo(GOLDEN);
    }
    Map<String, String> files = sources().files();
    try (var golden = Files.walk(GOLDEN)) {
      assertThat(
              golden.filter(Files::isRegularFile).map(file -> GOLDEN.relativize(file).toString()))
          .containsExactlyInAnyOrderElementsOf(files.keySet());
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      assertThat(file.getValue())
          .as(file.getKey())
          .isEqualTo(Files.readString(GOLDEN.resolve(file.getKey())));
    }
  }

  @Test
  void theyCompileWithoutAWarning() throws IOException {
    assertThat(compile(sources())).isEmpty();
    assertThat(compile(new JavaSources(Sample.library(), new JavaOptions("a", "Store", true))))
        .isEmpty();
  }

  @Test
  void namesThatTheJdkHasTooDoNotHideIts() throws IOException {
    List<String> texts =
        List.of(
            "library odd 0.1.0 0",
            "record List{of:list<#Duration>,string:string}",
            "record Duration{of:duration,bytes:bytes}",
            "record String{of:#Objects}",
            "record Objects{}",
            "enum Void{Nothing}",
            "record NativeCall{of:i64?}",
            "async f({#List},string)->{#NativeCall}\nparams default,_",
            "async g({#Void})->unit\nparams to_string");
    LibraryMetadata odd = LibraryMetadata.of(texts, "libodd.so", "");
    assertThat(compile(new JavaSources(odd, JavaOptions.of("odd")))).isEmpty();
  }

  private List<String> compile(JavaSources sources) throws IOException {
    Path root = Files.createTempDirectory(directory, "sources");
    sources.writeTo(root);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options = List.of("-Xlint:all", "-proc:none", "-d", root + "/classes");
    Files.createDirectory(root.resolve("classes"));
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<Path> paths = new ArrayList<>();
      sources.files().keySet().forEach(name -> paths.add(root.resolve(name)));
      compiler
          .getTask(null, files, found, options, null, files.getJavaFileObjectsFromPaths(paths))
          .call();
    }
    return found.getDiagnostics().stream().map(Object::toString).toList();
  }

  @Test
  void aFileThatIsTheSameIsNotWrittenAndAStaleOneIsDeleted() throws IOException {
    assertThat(sources().writeTo(directory)).isEqualTo(sources().files().size());
    Path order = directory.resolve("shop/orders/Order.java");
    Path stale = directory.resolve("shop/orders/Gone.java");
    Path own = directory.resolve("shop/orders/Own.java");
    Files.writeString(stale, Files.readString(order));
    Files.writeString(own, "class Own {}");
    Files.writeString(order, "old");
    assertThat(sources().writeTo(directory)).isEqualTo(2);
    assertThat(order).content().contains("record Order");
    assertThat(stale).doesNotExist();
    assertThat(own).exists();
    assertThat(sources().writeTo(directory)).isZero();
  }

  @Test
  void whatCannotBeInJavaIsNamed() {
    assertThatThrownBy(() -> generate("async a_b()->unit", "async aB()->unit"))
        .isInstanceOf(BuildException.class)
        .hasMessageContaining("two functions of the library would be the method aB");
    assertThatThrownBy(() -> generate("record Shop{}", "async f()->unit"))
        .hasMessageContaining("two classes would have the name Shop");
    assertThatThrownBy(() -> generate("async f({#Gone})->unit"))
        .hasMessageContaining("uses its type Gone but does not describe it");
    assertThatThrownBy(() -> generate("async f(i128)->unit"))
        .hasMessageContaining("'async f(i128)->unit': nothing in Java stands for i128");
    assertThatThrownBy(() -> generate("record R{a:i128}"))
        .hasMessageContaining("'record R{a:i128}': nothing in Java stands for i128");
    assertThatThrownBy(() -> generate("async f(fn<i64;{list<i64>}>)->unit"))
        .hasMessageContaining("'async f(fn<i64;{list<i64>}>)->unit': a JavaFn takes and answers");
    assertThatThrownBy(() -> generate("async f(fn<[i64+{#R}];i64>)->unit"))
        .hasMessageContaining("a JavaFn takes and answers numbers, strings and bytes");
    assertThatThrownBy(() -> generate("async f()->fn<i64;{#R}>"))
        .hasMessageContaining("'async f()->fn<i64;{#R}>': a function cannot return a JavaFn");
    assertThatThrownBy(() -> generate("async f(object<Gone>)->unit"))
        .hasMessageContaining("uses its type Gone but does not describe it: mark it with #[loopbr");
    assertThatThrownBy(() -> generate("async Gone.f()->unit"))
        .hasMessageContaining("'async Gone.f()->unit': the library uses its type Gone");
    assertThatThrownBy(
            () -> generate("object Desk", "async Desk.a_b()->unit", "async Desk.aB()->unit"))
        .hasMessageContaining("two functions of Desk would be the method aB in Java");
    assertThatThrownBy(
            () -> generate("object Desk", "async Desk.shut()->unit", "async desk_shut()->unit"))
        .hasMessageContaining("two functions of the library would be the method deskShut");
    assertThatThrownBy(() -> JavaOptions.of("a-b")).hasMessageContaining("'a-b' is no package");
  }

  private static void generate(String... lines) {
    List<String> texts = new ArrayList<>(List.of("library shop 0.1.0 0"));
    texts.addAll(List.of(lines));
    new JavaSources(LibraryMetadata.of(texts, "libshop.so", ""), JavaOptions.of("shop"));
  }
}
