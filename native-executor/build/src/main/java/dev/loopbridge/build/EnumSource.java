package dev.loopbridge.build;

import dev.loopbridge.build.Item.EnumItem;
import dev.loopbridge.build.Item.Variant;
import java.util.List;

/** Writes a Java enum for a plain enum, and a sealed interface of records for one with data. */
final class EnumSource {

  private EnumSource() {}

  static void write(JavaFile file, EnumItem item) {
    JavadocText.write(file, 0, item.doc(""), List.of());
    file.line(0, "@" + file.use("org.jspecify.annotations.NullMarked"));
    String name = JavaNames.upperCamel(item.name());
    boolean plain = item.isPlain();
    file.line(0, plain ? "public enum " + name + " {" : "public sealed interface " + name + " {");
    for (Variant variant : item.variants()) {
      file.gap();
      if (plain) {
        JavadocText.write(file, 1, item.doc(variant.name()), List.of());
        file.line(1, JavaNames.constant(variant.name()) + ",");
      } else {
        RecordSource.write(
            file,
            1,
            item,
            variant.name(),
            JavaNames.upperCamel(variant.name()),
            variant.fields(),
            name);
      }
    }
    file.line(0, "}");
  }
}
