package dev.loopbridge.build;

import dev.loopbridge.build.Item.FunctionItem;
import dev.loopbridge.build.Item.ObjectItem;
import java.util.List;
import java.util.Set;

/** Writes the class of a type whose values stay in Rust, with the functions of its impl blocks. */
final class ObjectSource {

  /** Methods that every object has in Java. */
  private static final Set<String> TAKEN = Set.of("close", "object");

  private ObjectSource() {}

  /** The method of a function that belongs to a type. */
  static String method(FunctionItem function) {
    String name = JavaNames.lowerCamel(function.name().substring(function.name().indexOf('.') + 1));
    return TAKEN.contains(name) ? name + "_" : name;
  }

  static void write(
      JavaFile file,
      ObjectItem item,
      String functionsClass,
      List<FunctionItem> functions,
      boolean buffers) {
    String name = JavaNames.upperCamel(item.name());
    String object = file.use("dev.loopbridge.NativeObject");
    String typed = file.use("dev.loopbridge.spi.TypedObject");
    requireDistinct(name, functions);
    String doc = item.doc("");
    JavadocText.write(
        file,
        0,
        (doc.isEmpty() ? "" : doc + "\n\n")
            + "The object stays in Rust. All loops of its runtime may use it, and its user closes it.",
        List.of());
    file.line(0, "@" + file.use("org.jspecify.annotations.NullMarked"));
    file.line(0, "public final class " + name + " implements " + typed + " {");
    file.gap();
    file.line(1, "private final " + functionsClass + " functions;");
    file.line(1, "private final " + object + " object;");
    file.gap();
    file.line(1, name + "(" + functionsClass + " functions, " + object + " object) {");
    file.line(2, "this.functions = functions;");
    file.line(2, "this.object = object;");
    file.line(1, "}");
    MethodSource methods = new MethodSource(file, buffers);
    functions.forEach(function -> methods.ofObject(function, functionsClass));
    file.gap();
    file.line(1, "@" + file.use("java.lang.Override"));
    file.line(1, "public " + object + " object() {");
    file.line(2, "return object;");
    file.line(1, "}");
    file.line(0, "}");
  }

  private static void requireDistinct(String name, List<FunctionItem> functions) {
    DistinctNames distinct = DistinctNames.of("method of " + name, "give one of them another name");
    for (FunctionItem function : functions) {
      distinct.add("the function " + function.name(), method(function));
    }
  }
}
