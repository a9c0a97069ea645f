package dev.loopbridge.build;

import dev.loopbridge.build.Item.EnumItem;
import dev.loopbridge.build.Item.Field;
import dev.loopbridge.build.Item.RecordItem;
import dev.loopbridge.build.Item.Variant;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Writes the class that has the codecs of the library's types. */
final class TypesSource {

  private final JavaFile file;
  private final CodecNames codecs;

  /** The records that take no bytes. */
  private final Set<String> empty = new HashSet<>();

  TypesSource(JavaFile file, CodecNames codecs) {
    this.file = file;
    this.codecs = codecs;
  }

  void write(String name, String functions, List<Item> types) {
    file.line(
        0,
        "/** How the types of {@link "
            + functions
            + "} cross the boundary; the generated classes use it. */");
    file.line(0, "@" + file.use("org.jspecify.annotations.NullMarked"));
    // It takes a codec of what may be null for one of what may not.
    file.line(0, "@" + file.use("java.lang.SuppressWarnings") + "(\"NullAway\")");
    file.line(0, "final class " + name + " {");
    lines(types);
    findEmpty(types);
    for (Item item : types) {
      if (item instanceof RecordItem struct) {
        record(struct);
      } else if (item instanceof EnumItem choice && !choice.isError()) {
        choice(choice);
      }
    }
    for (CodecNames.Made made : codecs.made()) {
      file.gap();
      file.line(
          1,
          "static final "
              + codecOf(JavaTypes.field(made.type(), file))
              + " "
              + made.constant()
              + " =");
      file.line(3, made.expression() + ";");
    }
    file.gap();
    file.line(1, "private " + name + "() {}");
    file.line(0, "}");
  }

  private void findEmpty(List<Item> types) {
    boolean more = true;
    while (more) {
      more = false;
      for (Item item : types) {
        more |= item instanceof RecordItem struct && isEmpty(struct) && empty.add(item.name());
      }
    }
  }

  private String codecOf(String type) {
    file.use(CodecNames.COMMON);
    return file.use("dev.loopbridge.spi.DataCodec") + "<" + type + ">";
  }

  private void lines(List<Item> types) {
    file.gap();
    file.line(
        1,
        "/** The types as the library described them; it is compared with the library that is loaded. */");
    String string = file.use("java.lang.String");
    if (types.isEmpty()) {
      file.line(1, "static final " + string + "[] LINES = {};");
      return;
    }
    file.line(1, "static final " + string + "[] LINES = {");
    types.stream()
        .map(Item::line)
        .sorted()
        .forEach(line -> file.line(2, JavaNames.literal(line) + ","));
    file.line(1, "};");
  }

  private void record(RecordItem item) {
    String name = JavaNames.upperCamel(item.name());
    open(name, codecs.constant(item.name()));
    for (Field field : item.fields()) {
      file.line(
          5, codecs.write(field.type(), "value." + JavaNames.lowerCamel(field.name()) + "()"));
    }
    between(name);
    file.call(5, name + " value = new " + name, reads(item.fields()), ";");
    close(isEmpty(item));
  }

  /** Returns whether a record takes no bytes: it has no fields, or such records alone. */
  private boolean isEmpty(RecordItem item) {
    return item.fields().stream()
        .allMatch(
            field -> field.type() instanceof Type.Named named && empty.contains(named.name()));
  }

  private void choice(EnumItem item) {
    String name = JavaNames.upperCamel(item.name());
    open(name, codecs.constant(item.name()));
    if (item.isPlain()) {
      file.line(5, "to.variant(value.ordinal());");
      between(name);
      file.line(
          5,
          name + " value = " + name + ".values()[from.variant(" + item.variants().size() + ")];");
    } else {
      writeVariants(name, item.variants());
      between(name);
      readVariants(name, item.variants());
    }
    close(false);
  }

  private void writeVariants(String name, List<Variant> variants) {
    String before = "";
    for (int i = 0; i < variants.size(); i++) {
      String type = name + "." + JavaNames.upperCamel(variants.get(i).name());
      boolean bare = variants.get(i).fields().isEmpty();
      file.line(5, before + "if (value instanceof " + type + (bare ? "" : " it") + ") {");
      file.line(6, "to.variant(" + i + ");");
      for (Field field : variants.get(i).fields()) {
        file.line(6, codecs.write(field.type(), "it." + JavaNames.lowerCamel(field.name()) + "()"));
      }
      before = "} else ";
    }
    file.line(5, "}");
  }

  private void readVariants(String name, List<Variant> variants) {
    file.line(5, name + " value =");
    file.line(7, "switch (from.variant(" + variants.size() + ")) {");
    for (Iterator<Variant> all = variants.iterator(); all.hasNext(); ) {
      Variant variant = all.next();
      String label = all.hasNext() ? "case " + variants.indexOf(variant) : "default";
      String type = name + "." + JavaNames.upperCamel(variant.name());
      file.call(8, label + " -> new " + type, reads(variant.fields()), ";");
    }
    file.line(7, "};");
  }

  private List<String> reads(List<Field> fields) {
    return fields.stream().map(field -> codecs.read(field.type())).toList();
  }

  private void open(String name, String constant) {
    String override = "@" + file.use("java.lang.Override");
    file.gap();
    file.line(1, "static final " + codecOf(name) + " " + constant + " =");
    file.line(3, "new " + file.use("dev.loopbridge.spi.DataCodec") + "<>() {");
    depth(
        override,
        "public void write("
            + name
            + " value, "
            + file.use("dev.loopbridge.spi.DataWriter")
            + " to) {");
    file.line(5, "to.enter();");
  }

  private void between(String name) {
    file.line(5, "to.leave();");
    file.line(4, "}");
    file.gap();
    depth(
        "@" + file.use("java.lang.Override"),
        "public " + name + " read(" + file.use("dev.loopbridge.spi.DataReader") + " from) {");
    file.line(5, "from.enter();");
  }

  private void depth(String override, String head) {
    file.line(4, override);
    file.line(4, head);
  }

  private void close(boolean empty) {
    file.line(5, "from.leave();");
    file.line(5, "return value;");
    file.line(4, "}");
    if (empty) {
      file.gap();
      depth("@" + file.use("java.lang.Override"), "public int leastBytes() {");
      file.line(5, "return 0;");
      file.line(4, "}");
    }
    file.line(3, "};");
  }
}
