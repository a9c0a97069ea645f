package dev.loopbridge.build;

import dev.loopbridge.build.Item.Field;
import dev.loopbridge.build.Item.FunctionItem;
import dev.loopbridge.build.Type.Data;
import dev.loopbridge.build.Type.Option;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes the class that has the library's functions as methods. */
final class FunctionsSource {

  private final JavaFile file;
  private final CodecNames codecs;
  private final String types;
  private final boolean buffers;

  /**
   * @param types the class that has the codecs
   */
  FunctionsSource(JavaFile file, CodecNames codecs, String types, boolean buffers) {
    this.file = file;
    this.codecs = codecs;
    this.types = types;
    this.buffers = buffers;
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
      file.line(1, "private final " + functionOf(function) + " " + nameOf(function) + ";");
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
    file.line(
        2,
        file.use("dev.loopbridge.LibraryBinding")
            + " binding = LibraryBinding.of(runtime, "
            + types
            + ".LINES);");
    functions.forEach(this::lookUp);
    file.line(1, "}");
    functions.forEach(this::method);
    file.line(0, "}");
  }

  private static void requireDistinct(List<FunctionItem> functions) {
    Set<String> names = new HashSet<>();
    for (FunctionItem function : functions) {
      if (!names.add(nameOf(function))) {
        throw new BuildException(
            "two functions of the library would be the method "
                + nameOf(function)
                + " in Java; give one of them another name: #[loopbridge::export(name = \"..\")]");
      }
    }
  }

  /** Refuses a type that Java has nothing for. */
  private void requireTypes(FunctionItem function) {
    if (function.result() instanceof Type.Handler) {
      throw new BuildException(
          "a function cannot return a JavaFn, since Java has its own; return what it would answer");
    }
    resultOf(function);
    function.parameters().forEach(field -> JavaTypes.parameter(field.type(), file, buffers));
  }

  private static String nameOf(FunctionItem function) {
    return JavaNames.lowerCamel(function.name());
  }

  private String functionOf(FunctionItem function) {
    return file.use("dev.loopbridge.NativeFunction") + "<" + resultOf(function) + ">";
  }

  private String resultOf(FunctionItem function) {
    return JavaTypes.crossing(function.result(), file, buffers);
  }

  private void lookUp(FunctionItem function) {
    List<String> arguments = new ArrayList<>();
    arguments.add('"' + function.line() + '"');
    arguments.add(
        function.result() instanceof Data data ? codec(data) : raw(resultOf(function)) + ".class");
    for (Field parameter : function.parameters()) {
      if (parameter.type() instanceof Data data) {
        arguments.add(codec(data));
      }
    }
    file.call(2, nameOf(function) + " = binding.function", arguments, ";");
  }

  private static String raw(String type) {
    int generic = type.indexOf('<');
    return generic < 0 ? type : type.substring(0, generic);
  }

  private String codec(Data data) {
    String codec = codecs.codec(data.type());
    if (codec.startsWith("DataCodecs.")) {
      file.use("dev.loopbridge.spi.DataCodecs");
      return codec;
    }
    return types + "." + codec;
  }

  private void method(FunctionItem function) {
    String name = nameOf(function);
    List<String> parameters = new ArrayList<>();
    List<String> names = new ArrayList<>();
    List<String> tags = new ArrayList<>();
    for (Field parameter : function.parameters()) {
      String parameterName = JavaNames.lowerCamel(parameter.name());
      names.add(parameterName);
      parameters.add(JavaTypes.parameter(parameter.type(), file, buffers) + " " + parameterName);
      Type plain = parameter.type() instanceof Data data ? data.type() : parameter.type();
      String range = RecordSource.described("", plain);
      if (!range.isEmpty()) {
        tags.add("@param " + parameterName + " " + range);
      }
    }
    Type result = function.result() instanceof Data data ? data.type() : function.result();
    if (result instanceof Option) {
      tags.add("@return the call; its value is null for {@code None}");
    }
    file.gap();
    JavadocText.write(file, 1, function.doc(""), tags);
    String call = file.use("dev.loopbridge.NativeCall") + "<" + resultOf(function) + ">";
    file.call(1, "public " + call + " " + name, parameters, " {");
    String field = names.contains(name) ? "this." + name : name;
    file.call(2, "return " + field + ".call", names, ";");
    file.line(1, "}");
  }
}
