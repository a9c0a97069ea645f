package dev.loopbridge.build;

import java.util.Locale;
import java.util.Set;
import javax.lang.model.SourceVersion;

/** Names of Rust's as names of Java's. */
final class JavaNames {

  /** Names that no component of a record may have. */
  private static final Set<String> OF_OBJECT =
      Set.of(
          "clone",
          "finalize",
          "getClass",
          "hashCode",
          "notify",
          "notifyAll",
          "toString",
          "wait",
          "equals");

  private JavaNames() {}

  /** A field, a function or a parameter: {@code unit_cents} is {@code unitCents}. */
  static String lowerCamel(String rust) {
    if (rust.matches("\\d+")) {
      return "value" + rust; // a field without a name
    }
    String camel = camel(rust);
    String name = identifier(Character.toLowerCase(camel.charAt(0)) + camel.substring(1));
    return SourceVersion.isKeyword(name) || OF_OBJECT.contains(name) ? name + "_" : name;
  }

  /** A class: {@code order_book} is {@code OrderBook}. */
  static String upperCamel(String rust) {
    String camel = camel(rust);
    return identifier(Character.toUpperCase(camel.charAt(0)) + camel.substring(1));
  }

  /** {@code 2D}, of {@code _2D}, cannot be a name. */
  private static String identifier(String name) {
    return Character.isJavaIdentifierStart(name.codePointAt(0)) ? name : "_" + name;
  }

  /** The words without what is between them; a function's name may have any character in Rust. */
  private static String camel(String rust) {
    StringBuilder camel = new StringBuilder();
    boolean upper = false;
    for (int c : rust.codePoints().toArray()) {
      if (c == '_' || !Character.isJavaIdentifierPart(c) || Character.isIdentifierIgnorable(c)) {
        upper = !camel.isEmpty();
      } else {
        camel.appendCodePoint(upper ? Character.toUpperCase(c) : c);
        upper = false;
      }
    }
    return camel.isEmpty() ? "__" : camel.toString();
  }

  /** A text of the library's as a literal of Java's. */
  static String literal(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** A constant: {@code ShippedLate} is {@code SHIPPED_LATE}. */
  static String constant(String rust) {
    return rust.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_")
        .toUpperCase(Locale.ROOT);
  }
}
