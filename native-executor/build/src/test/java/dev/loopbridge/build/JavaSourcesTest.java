package dev.loopbridge.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    JavaSources odd =
        generate(
            "record List{of:list<#Duration>,string:string}",
            "record Duration{of:duration?,bytes:bytes}",
            "record String{of:#Objects,at:map<string,#String>?}",
            "record Objects{}",
            "record Object{bytes:bytes?}",
            "enum Void{Nothing}",
            "record NativeCall{of:i64?}",
            "record LibraryBinding{}",
            "record DataCodecs{longs:list<i64>,strings:list<string>}",
            "async f({#List},string)->{#NativeCall}\nparams default,_",
            "async g({#Void})->unit\nparams to_string",
            "async h({list<i64>})->{#DataCodecs}\nparams longs");
    assertThat(compile(odd)).isEmpty();
  }

  @Test
  void variantsDoNotHideTheTypesThatTheyContain() throws IOException {
    JavaSources odd =
        generate(
            "record Order{id:i64}",
            "enum Event{Order{0:#Order},Cancelled,Value{0:#Value?}}",
            "enum Value{String{0:string},List{0:list<#Value>},Duration{0:duration?,1:#Order?},"
                + "Map{0:map<string,#Value>?},Bytes{parts:bytes},Instant{at:time?},Object,Objects,"
                + "Arrays,Override{parts:bytes?},Nullable{0:string?},NullMarked,Record,"
                + "UUID{0:uuid,1:list<#Event?>},Integer{0:i32?}}",
            "async f({#Event})->{#Value}\nparams event");
    assertThat(compile(odd)).isEmpty();
    assertThat(odd.files().get("shop/Event.java"))
        .contains("record Order(shop.Order value0) implements Event");
  }

  @Test
  void namesOfTheLibrarysAreNamesOfJavas() throws IOException {
    JavaSources odd =
        generate(
            "record _2D{_0:i64,größe:string}",
            "record Größe{parts:bytes,that:list<i64>,other:i8}",
            "enum Sizes{_1,_2}",
            "enum Either{_1{_0:i64},__}",
            "enum ABC{A,B}",
            "enum URL{A{0:#ABC}}",
            "record HttpServer{}",
            "async runtime()->{#_2D}",
            "async binding({#URL},i64)->unit\nparams binding,runtime",
            "async orders-of()->{#Größe}",
            "async a\"b\\c()->unit",
            "async 7()->unit");
    assertThat(compile(odd)).isEmpty();
    assertThat(odd.files().get("shop/Shop.java"))
        .contains("NativeCall<_2D> runtime()", "NativeCall<Größe> ordersOf()")
        .contains("\"async a\\\"b\\\\c()->unit\"");
  }

  @Test
  void documentationNeverEndsItsComment() throws IOException {
    JavaSources odd =
        generate(
            "record R{a:i64}\n"
                + "doc \t# The end */ static { int one = 1; }\\nIn C:\\\\users, `{*`/ and `*/`.\\n\\n"
                + "* item `}{` \\\\u0022 */\\n\\n```\\n\\\\u0022 */ @Override {\\n```\n"
                + "doc a\tIn C:\\\\users */",
            "enum E{A{b:i64},C}\ndoc A.b\tIn C:\\\\users */\ndoc C\t\\\\user",
            "async f()->unit\ndoc \tIn C:\\\\users */");
    assertThat(compile(odd)).isEmpty();
    assertThat(odd.files().get("shop/R.java"))
        .contains("<b>The end *&#47; static &#123; int one = 1; }</b>");
  }

  private List<String> compile(JavaSources sources) throws IOException {
    Path root = Files.createTempDirectory(directory, "sources");
    sources.writeTo(root);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    List<String> options =
        List.of("-Xlint:all", "-Xdoclint:all,-missing", "-proc:none", "-d", root + "/classes");
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
    Files.write(own, "// größer".getBytes(StandardCharsets.ISO_8859_1)); // no UTF-8
    Files.write(order, new byte[] {(byte) 0xff});
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
        .hasMessageContaining("the function aB and the function a_b would both be the method aB")
        .hasMessageContaining("give one of them another name: #[loopbridge::export(name = ");
    assertThatThrownBy(() -> generate("record Shop{}", "async f()->unit"))
        .hasMessageContaining("the library's functions and the type Shop would both be the class")
        .hasMessageContaining("rename the type, or choose another className");
    assertThatThrownBy(() -> generate("record HttpServer{}", "object HTTPServer"))
        .hasMessageContaining("the type HTTPServer and the type HttpServer would both be the");
    assertThatThrownBy(() -> generate("record R{id:i64,_id:i64}"))
        .hasMessageContaining("'record R{id:i64,_id:i64}': the field id and the field _id would")
        .hasMessageContaining("both be the component id in Java; rename one of them");
    assertThatThrownBy(() -> generate("enum E{A{a_b:i64,aB:i64}}"))
        .hasMessageContaining("the field a_b and the field aB would both be the component aB");
    assertThatThrownBy(() -> generate("enum E{AB,Ab,A_b}"))
        .hasMessageContaining("the variant AB and the variant Ab would both be the constant AB");
    assertThatThrownBy(() -> generate("enum E{AB{a:i64},A_B}"))
        .hasMessageContaining("the variant AB and the variant A_B would both be the class AB");
    assertThatThrownBy(() -> generate("enum Event{Event{a:i64},Other}"))
        .hasMessageContaining(
            "the enum itself and the variant Event would both be the class Event");
    assertThatThrownBy(() -> generate("async f(i64,i64)->unit\nparams id,_id"))
        .hasMessageContaining("'async f(i64,i64)->unit': the argument id and the argument _id")
        .hasMessageContaining("would both be the parameter id");
    for (String key : List.of("bytes", "list<i64>", "list<bytes>")) {
      assertThatThrownBy(() -> generate("record R{a:map<" + key + ",i64>}"))
          .hasMessageContaining("'record R{a:map<" + key + ",i64>}': the key of a map would be an");
    }
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
        .hasMessageContaining("'async Gone.f()->unit': a dot stands between an object and its")
        .hasMessageContaining("the library describes no object Gone: mark it with #[loopbridge");
    assertThatThrownBy(
            () -> generate("object Desk", "async Desk.a_b()->unit", "async Desk.aB()->unit"))
        .hasMessageContaining("would both be the method of Desk aB in Java; give one");
    assertThatThrownBy(
            () -> generate("object Desk", "async Desk.shut()->unit", "async desk_shut()->unit"))
        .hasMessageContaining("would both be the method deskShut in Java");
    assertThatThrownBy(() -> JavaOptions.of("a-b")).hasMessageContaining("'a-b' is no package");
  }

  private static JavaSources generate(String... lines) {
    List<String> texts = new ArrayList<>(List.of("library shop 0.1.0 0"));
    texts.addAll(List.of(lines));
    return new JavaSources(LibraryMetadata.of(texts, "libshop.so", ""), JavaOptions.of("shop"));
  }
}
