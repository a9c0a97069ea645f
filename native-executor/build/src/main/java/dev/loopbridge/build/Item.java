package dev.loopbridge.build;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One thing that a library has for Java, with its Rust documentation. Immutable. */
sealed interface Item {

  /** The name of the parameter that is the object on which a function is called. */
  String SELF = "self";

  /** Its name in Rust. */
  String name();

  /** The line by which library and classes are compared. */
  String line();

  /**
   * The documentation, by the path of what it is about: empty, {@code field}, {@code
   * Variant.field}.
   */
  Map<String, String> docs();

  /** A field of a record or of a variant. */
  record Field(String name, Type type) {}

  /** A variant of an enum, without fields if it is plain. */
  record Variant(String name, List<Field> fields) {}

  /** A struct. */
  record RecordItem(String name, String line, Map<String, String> docs, List<Field> fields)
      implements Item {}

  /** An enum; of errors if it is what functions fail with. */
  record EnumItem(
      String name, String line, Map<String, String> docs, boolean isError, List<Variant> variants)
      implements Item {

    boolean isPlain() {
      return variants.stream().allMatch(variant -> variant.fields().isEmpty());
    }
  }

  /** A type whose values stay in Rust. */
  record ObjectItem(String name, String line, Map<String, String> docs) implements Item {}

  /** A function; its name is {@code Type.method} if it belongs to a type. */
  record FunctionItem(
      String name,
      String line,
      Map<String, String> docs,
      List<Field> parameters,
      Type result,
      @Nullable String error)
      implements Item {

    /** The type that it belongs to; empty if it is free. */
    String type() {
      return name.substring(0, Math.max(name.indexOf('.'), 0));
    }

    /** Returns whether its first parameter is the object that it is called on. */
    boolean hasReceiver() {
      return !parameters.isEmpty() && parameters.get(0).name().equals(SELF);
    }
  }

  /** The documentation of a part; empty if it has none. */
  default String doc(String path) {
    return docs().getOrDefault(path, "");
  }
}
