package dev.loopbridge.build;

import dev.loopbridge.build.Item.Field;
import dev.loopbridge.build.Item.FunctionItem;
import dev.loopbridge.build.Type.Data;
import dev.loopbridge.build.Type.Option;
import java.util.ArrayList;
import java.util.List;

/** Writes the methods of one class, each of which calls one function of the library. */
final class MethodSource {

  private final JavaFile file;
  private final boolean buffers;

  MethodSource(JavaFile file, boolean buffers) {
    this.file = file;
    this.buffers = buffers;
  }

  /** The field that has the function, in the class of the library's functions. */
  static String field(FunctionItem function) {
    return JavaNames.lowerCamel(function.name().replace('.', '_'));
  }

  /** What the value of the call is. */
  String result(FunctionItem function) {
    return JavaTypes.crossing(function.result(), file, buffers);
  }

  /** Writes the method of the class that has the functions. */
  void ofLibrary(FunctionItem function) {
    List<String> names = names(function.parameters());
    String field = field(function);
    write(
        function,
        "public ",
        field,
        parameters(function.parameters()),
        names.contains(field) ? "this." + field : field,
        names);
  }

  /** Writes the method of an object, or of its class if the function has no receiver. */
  void ofObject(FunctionItem function, String functions) {
    List<Field> own = function.parameters();
    boolean isStatic = !function.hasReceiver();
    own = isStatic ? own : own.subList(1, own.size());
    List<String> names = names(own);
    List<String> parameters = parameters(own);
    String holder = "functions";
    if (isStatic) {
      while (names.contains(holder)) {
        holder += "_";
      }
      parameters.add(0, functions + " " + holder);
    } else {
      holder = names.contains(holder) ? "this." + holder : holder;
      names.add(0, names.contains("object") ? "this.object" : "object");
    }
    write(
        function,
        isStatic ? "public static " : "public ",
        ObjectSource.method(function),
        parameters,
        holder + "." + field(function),
        names);
  }

  /** The names of parameters, none of which may be equal. */
  static List<String> names(List<Field> parameters) {
    List<String> names = new ArrayList<>();
    DistinctNames distinct = DistinctNames.of("parameter", "rename one of them");
    for (Field parameter : parameters) {
      String name = JavaNames.lowerCamel(parameter.name());
      distinct.add("the argument " + parameter.name(), name);
      names.add(name);
    }
    return names;
  }

  private List<String> parameters(List<Field> parameters) {
    List<String> texts = new ArrayList<>();
    for (Field parameter : parameters) {
      String type = JavaTypes.parameter(parameter.type(), file, buffers);
      texts.add(type + " " + JavaNames.lowerCamel(parameter.name()));
    }
    return texts;
  }

  private void write(
      FunctionItem function,
      String modifiers,
      String name,
      List<String> parameters,
      String called,
      List<String> given) {
    List<String> tags = new ArrayList<>();
    for (Field parameter : function.parameters()) {
      String range = RecordSource.described("", plain(parameter.type()));
      if (!range.isEmpty()) {
        tags.add("@param " + JavaNames.lowerCamel(parameter.name()) + " " + range);
      }
    }
    if (plain(function.result()) instanceof Option) {
      tags.add("@return the call; its value is null for {@code None}");
    }
    file.gap();
    JavadocText.write(file, 1, function.doc(""), tags);
    String call = file.use("dev.loopbridge.NativeCall") + "<" + result(function) + ">";
    file.call(1, modifiers + call + " " + name, parameters, " {");
    file.call(2, "return " + called + ".call", given, ";");
    file.line(1, "}");
  }

  private static Type plain(Type type) {
    return type instanceof Data data ? data.type() : type;
  }
}
