package dev.loopbridge.build;

import dev.loopbridge.build.Type.ListOf;
import dev.loopbridge.build.Type.MapOf;
import dev.loopbridge.build.Type.Named;
import dev.loopbridge.build.Type.Option;
import dev.loopbridge.build.Type.Plain;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The codecs that the generated classes share: a constant for each type of the library, and for
 * each list, map and option that is used.
 */
final class CodecNames {

  /** A constant whose codec is made of others. */
  record Made(String constant, Type type, String expression) {}

  /** The class that has the codecs which no library needs to describe. */
  static final String COMMON = "dev.loopbridge.spi.DataCodecs";

  private final String common;
  private final Set<String> taken = new LinkedHashSet<>(Set.of("LINES"));
  private final Map<String, String> named = new LinkedHashMap<>();
  private final Map<Type, Made> made = new LinkedHashMap<>();

  /**
   * @param common how the generated classes name {@link #COMMON}
   */
  CodecNames(Iterable<String> types, String common) {
    this.common = common;
    types.forEach(type -> taken.add(JavaNames.upperCamel(type))); // they would hide the classes
    types.forEach(type -> named.put(type, free(JavaNames.constant(type))));
  }

  /** A constant's name that no other has. */
  private String free(String wanted) {
    String name = wanted;
    while (!taken.add(name)) {
      name += "_";
    }
    return name;
  }

  /** The constant of a type of the library's. */
  String constant(String type) {
    String constant = named.get(type);
    if (constant == null) {
      throw new BuildException(
          "the library uses its type "
              + type
              + " but does not describe it: name the crate that has it in loopbridge::library!");
    }
    return constant;
  }

  /** Those that are made of others, each behind what it is made of. */
  Iterable<Made> made() {
    return made.values();
  }

  /** The expression of a type's codec, inside of the class that has the constants. */
  String codec(Type type) {
    if (type instanceof Plain plain) {
      return common + "." + scalar(plain).name();
    } else if (type instanceof Named name) {
      return constant(name.name());
    }
    var array = Scalar.ofArray(type);
    if (array.isPresent()) {
      return common + "." + array.get().arrayCodec;
    }
    Made known = made.get(type);
    if (known == null) {
      String expression = expression(type); // first: what it is made of stands before it
      known = new Made(free(phrase(type)), type, expression);
      made.put(type, known);
    }
    return known.constant();
  }

  private String expression(Type type) {
    if (type instanceof ListOf list) {
      return common + ".list(" + codec(list.element()) + ")";
    } else if (type instanceof MapOf map) {
      return common + ".map(" + codec(map.key()) + ", " + codec(map.value()) + ")";
    } else if (type instanceof Option option) {
      return common + ".nullable(" + codec(option.some()) + ")";
    }
    throw new BuildException(type + " does not cross as data");
  }

  private static String phrase(Type type) {
    if (type instanceof ListOf list) {
      return "LIST_OF_" + phrase(list.element());
    } else if (type instanceof MapOf map) {
      return "MAP_OF_" + phrase(map.key()) + "_TO_" + phrase(map.value());
    } else if (type instanceof Option option) {
      return "OPTIONAL_" + phrase(option.some());
    } else if (type instanceof Named name) {
      return JavaNames.constant(name.name());
    }
    return ((Plain) type).name().toUpperCase(Locale.ROOT);
  }

  /** The statement that writes a value. */
  String write(Type type, String value) {
    return type instanceof Plain plain
        ? "to." + scalar(plain).method + "(" + value + ");"
        : codec(type) + ".write(" + value + ", to);";
  }

  /** The expression that reads a value. */
  String read(Type type) {
    return type instanceof Plain plain
        ? "from." + scalar(plain).method + "()"
        : codec(type) + ".read(from)";
  }

  private static Scalar scalar(Plain plain) {
    return Scalar.named(plain.name())
        .orElseThrow(() -> new BuildException(plain.name() + " does not cross as data"));
  }
}
