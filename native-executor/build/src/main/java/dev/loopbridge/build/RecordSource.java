package dev.loopbridge.build;

import dev.loopbridge.build.Item.Field;
import dev.loopbridge.build.Type.Option;
import dev.loopbridge.build.Type.Plain;
import java.util.ArrayList;
import java.util.List;

/** Writes a Java record: for a struct, and for a variant that has fields. */
final class RecordSource {

  private RecordSource() {}

  /**
   * Writes the record.
   *
   * @param path what the documentation of its fields begins with
   * @param implemented what it implements; empty if nothing
   */
  static void write(
      JavaFile file,
      int depth,
      Item item,
      String path,
      String name,
      List<Field> fields,
      String implemented) {
    List<String> tags = new ArrayList<>();
    List<String> components = new ArrayList<>();
    DistinctNames distinct = DistinctNames.of("component", "rename one of them");
    for (Field field : fields) {
      String component = JavaNames.lowerCamel(field.name());
      distinct.add("the field " + field.name(), component);
      components.add(JavaTypes.field(field.type(), file) + " " + component);
      String doc =
          described(
              item.doc(path.isEmpty() ? field.name() : path + "." + field.name()), field.type());
      if (!doc.isEmpty()) {
        tags.add(JavadocText.tag("@param " + component, doc));
      }
    }
    JavadocText.write(file, depth, item.doc(path), tags);
    if (depth == 0) {
      file.line(depth, "@" + file.use("org.jspecify.annotations.NullMarked"));
    }
    List<Field> checked = fields.stream().filter(RecordSource::mayBeNullByMistake).toList();
    boolean arrays = fields.stream().anyMatch(field -> isArray(field.type()));
    String head = (depth == 0 ? "public record " : "record ") + name;
    String end = (implemented.isEmpty() ? "" : " implements " + implemented);
    if (checked.isEmpty() && !arrays) {
      file.call(depth, head, components, end + " {}");
      return;
    }
    file.call(depth, head, components, end + " {");
    if (!checked.isEmpty()) {
      file.gap();
      file.line(depth + 1, "/** Refuses null in what is no {@code Option} in Rust. */");
      file.line(depth + 1, "public " + name + " {");
      for (Field field : checked) {
        String component = JavaNames.lowerCamel(field.name());
        file.line(
            depth + 2,
            file.use("java.util.Objects")
                + ".requireNonNull("
                + component
                + ", \""
                + component
                + "\");");
      }
      file.line(depth + 1, "}");
    }
    if (arrays) {
      equality(file, depth + 1, name, fields);
    }
    file.line(depth, "}");
  }

  /** The documentation of a value, with the numbers that it is restricted to. */
  static String described(String doc, Type type) {
    Type plain = type instanceof Option option ? option.some() : type;
    String range =
        plain instanceof Plain scalar
            ? Scalar.named(scalar.name()).map(Scalar::range).orElse("")
            : "";
    return doc.isEmpty() || range.isEmpty()
        ? doc + range
        : doc.stripTrailing() + " (" + range + ")";
  }

  private static boolean mayBeNullByMistake(Field field) {
    boolean primitive =
        field.type() instanceof Plain plain
            && Scalar.named(plain.name()).map(Scalar::isPrimitive).orElse(false);
    return !primitive && !(field.type() instanceof Option);
  }

  private static boolean isArray(Type type) {
    Type some = type instanceof Option option ? option.some() : type;
    return Scalar.ofArray(some).isPresent()
        || (some instanceof Plain plain && plain.name().equals("bytes"));
  }

  /** Of arrays, a record would compare only whether they are the same one. */
  private static void equality(JavaFile file, int depth, String name, List<Field> fields) {
    String object = file.use("java.lang.Object");
    String nullable = JavaTypes.nullable(object, file);
    String arrays = file.use("java.util.Arrays");
    List<String> components =
        fields.stream().map(field -> JavaNames.lowerCamel(field.name())).toList();
    String parts = components.contains("parts") ? "parts_" : "parts";
    file.gap();
    file.line(depth, "private " + nullable + "[] " + parts + "() {");
    file.line(depth + 1, "return new " + nullable + "[] {" + String.join(", ", components) + "};");
    file.line(depth, "}");
    file.gap();
    file.line(depth, "@" + file.use("java.lang.Override"));
    file.line(depth, "public boolean equals(" + nullable + " other) {");
    file.line(
        depth + 1,
        "return other instanceof "
            + name
            + " that && "
            + arrays
            + ".deepEquals("
            + parts
            + "(), that."
            + parts
            + "());");
    file.line(depth, "}");
    file.gap();
    file.line(depth, "@" + file.use("java.lang.Override"));
    file.line(depth, "public int hashCode() {");
    file.line(depth + 1, "return " + arrays + ".deepHashCode(" + parts + "());");
    file.line(depth, "}");
  }
}
