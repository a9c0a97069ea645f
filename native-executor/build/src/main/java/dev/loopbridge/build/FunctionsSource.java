package dev.loopbridge.build;

import dev.loopbridge.build.Item.Field;
import dev.loopbridge.build.Item.FunctionItem;
import dev.loopbridge.build.Type.Data;
import dev.loopbridge.build.Type.ObjectOf;
import dev.loopbridge.build.Type.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Writes the class that has the library's functions as methods. */
final class FunctionsSource {

  private final JavaFile file;
  private final CodecNames codecs;
  private final String types;
  private final boolean buffers;
  private final MethodSource methods;

  /**
   * @param types the class that has the codecs
   */
  FunctionsSource(JavaFile file, CodecNames codecs, String types, boolean buffers) {
    this.file = file;
    this.codecs = codecs;
    this.types = types;
    this.buffers = buffers;
    this.methods = new MethodSource(file, buffers);
  }

  void write(String name, String library, List<FunctionItem> functions) {
    requireDistinct(functions);
    functions.forEach(function -> JavaSources.naming(function, () -> requireTypes(function)));
    String runtime = file.use("dev.loopbridge.NativeRuntime");
    JavadocText.write(
        file,
        0,
        "The functions of the Rust library `"
            + library
            + "`, in one runtime of it: they may be called\non any thread, and each call settles on"
            + " the loop that owns it.",
        List.of());
    file.line(0, "@" + file.use("org.jspecify.annotations.NullMarked"));
    file.line(0, "public final class " + name + " {");
    file.gap();
    for (FunctionItem function : functions) {
      String access = function.type().isEmpty() ? "private " : "";
      String type =
          file.use("dev.loopbridge.NativeFunction") + "<" + methods.result(function) + ">";
      file.line(1, access + "final " + type + " " + MethodSource.field(function) + ";");
    }
    file.gap();
    JavadocText.write(
        file,
        1,
        "Looks the functions up.",
        List.of(
            "@param runtime one of the library that these classes were generated from",
            "@throws dev.loopbridge.SignatureMismatchException if a function or type is another there",
            "@throws dev.loopbridge.UnknownFunctionException if it has none of that name"));
    file.line(1, "public " + name + "(" + runtime + " runtime) {");
    String binding = file.use("dev.loopbridge.LibraryBinding");
    file.line(2, binding + " binding = " + binding + ".of(runtime, " + types + ".LINES);");
    functions.forEach(this::lookUp);
    file.line(1, "}");
    functions.stream().filter(function -> function.type().isEmpty()).forEach(methods::ofLibrary);
    file.line(0, "}");
  }

  private static void requireDistinct(List<FunctionItem> functions) {
    DistinctNames distinct =
        DistinctNames.of(
            "method", "give one of them another name: #[loopbridge::export(name = \"..\")]");
    for (FunctionItem function : functions) {
      distinct.add("the function " + function.name(), MethodSource.field(function));
    }
  }

  /** Refuses a type that Java has nothing for. */
  private void requireTypes(FunctionItem function) {
    if (function.result() instanceof Type.Handler) {
      throw new BuildException(
          "a function cannot return a JavaFn, since Java has its own; return what it would answer");
    }
    methods.result(function);
    MethodSource.names(function.parameters());
    function.parameters().forEach(field -> JavaTypes.parameter(field.type(), file, buffers));
  }

  private void lookUp(FunctionItem function) {
    List<String> arguments = new ArrayList<>();
    Optional<String> object = objectOf(function.result());
    arguments.add(JavaNames.literal(function.line()));
    arguments.add(
        object.isPresent()
            ? file.use("dev.loopbridge.NativeObject") + ".class"
            : function.result() instanceof Data data
                ? codec(data)
                : raw(methods.result(function)) + ".class");
    for (Field parameter : function.parameters()) {
      if (parameter.type() instanceof Data data) {
        arguments.add(codec(data));
      }
    }
    String end = object.map(type -> ".as(object -> new " + type + "(this, object));").orElse(";");
    file.call(2, "this." + MethodSource.field(function) + " = binding.function", arguments, end);
  }

  /** The class that stands for the object which a function returns, if it returns one. */
  private static Optional<String> objectOf(Type result) {
    Type some = result instanceof Option option ? option.some() : result;
    return some instanceof ObjectOf object
        ? Optional.of(JavaNames.upperCamel(object.name()))
        : Optional.empty();
  }

  private static String raw(String type) {
    int generic = type.indexOf('<');
    return generic < 0 ? type : type.substring(0, generic);
  }

  private String codec(Data data) {
    String codec = codecs.codec(data.type());
    if (codec.contains(".")) { // no constant of the class
      file.use(CodecNames.COMMON);
      return codec;
    }
    return types + "." + codec;
  }
}
