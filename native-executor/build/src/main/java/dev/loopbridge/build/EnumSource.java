package dev.loopbridge.build;

import dev.loopbridge.build.Item.EnumItem;
import dev.loopbridge.build.Item.Variant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Writes a Java enum for a plain enum, and a sealed interface of records for one with data. */
final class EnumSource {

  private EnumSource() {}

  static void write(JavaFile file, EnumItem item) {
    String name = JavaNames.upperCamel(item.name());
    boolean plain = item.isPlain();
    file.hide(plain ? Set.of() : classes(name, item.variants()));
    requireDistinctConstants(plain ? item.variants() : List.of());
    JavadocText.write(file, 0, item.doc(""), List.of());
    file.line(0, "@" + file.use("org.jspecify.annotations.NullMarked"));
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

  /** The names of the records for the variants. */
  private static Set<String> classes(String name, List<Variant> variants) {
    DistinctNames distinct = DistinctNames.ofClasses("rename one of them");
    distinct.add("the enum itself", name);
    Set<String> classes = new HashSet<>();
    for (Variant variant : variants) {
      String record = JavaNames.upperCamel(variant.name());
      distinct.add("the variant " + variant.name(), record);
      classes.add(record);
    }
    return classes;
  }

  private static void requireDistinctConstants(List<Variant> variants) {
    DistinctNames distinct = DistinctNames.of("constant", "rename one of them");
    for (Variant variant : variants) {
      distinct.add("the variant " + variant.name(), JavaNames.constant(variant.name()));
    }
  }
}
