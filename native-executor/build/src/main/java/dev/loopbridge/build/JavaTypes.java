package dev.loopbridge.build;

import dev.loopbridge.build.Type.Data;
import dev.loopbridge.build.Type.Handler;
import dev.loopbridge.build.Type.ListOf;
import dev.loopbridge.build.Type.MapOf;
import dev.loopbridge.build.Type.Named;
import dev.loopbridge.build.Type.ObjectOf;
import dev.loopbridge.build.Type.Option;
import dev.loopbridge.build.Type.Plain;

/** The Java types that stand for those of Rust. */
final class JavaTypes {

  private static final String NULLABLE = "org.jspecify.annotations.Nullable";

  private JavaTypes() {}

  /** The type of a field, with {@code @Nullable} of an {@code Option}. */
  static String field(Type type, JavaFile file) {
    if (type instanceof Option option) {
      return nullable(boxed(option.some(), file), file);
    }
    if (type instanceof Plain plain) {
      return Scalar.named(plain.name())
          .map(scalar -> scalar.type(file))
          .orElseThrow(() -> unknown(type));
    }
    return boxed(type, file);
  }

  /**
   * Puts the annotation where it is about the whole type: before an array's brackets, or before the
   * last part of a qualified name.
   */
  static String nullable(String type, JavaFile file) {
    String annotation = "@" + file.use(NULLABLE) + " ";
    if (type.endsWith("[]")) {
      return type.substring(0, type.length() - 2) + " " + annotation + "[]";
    }
    int generic = type.indexOf('<');
    int simple = type.lastIndexOf('.', generic < 0 ? type.length() : generic) + 1;
    return type.substring(0, simple) + annotation + type.substring(simple);
  }

  /** The class of a value, as an argument of a generic type. */
  static String boxed(Type type, JavaFile file) {
    if (type instanceof Plain plain) {
      return Scalar.named(plain.name())
          .map(scalar -> scalar.boxed(file))
          .orElseThrow(() -> unknown(type));
    } else if (type instanceof Named named) {
      return file.own(named.name(), "record");
    } else if (type instanceof ListOf list) {
      return Scalar.ofArray(type)
          .map(scalar -> scalar.type(file) + "[]")
          .orElseGet(() -> file.use("java.util.List") + "<" + argument(list.element(), file) + ">");
    } else if (type instanceof MapOf map) {
      if (hasArray(map.key())) {
        throw new BuildException(
            "the key of a map would be an array in Java, by whose content nothing is found; use"
                + " another key, such as a string, or a list of records");
      }
      return file.use("java.util.Map")
          + "<"
          + argument(map.key(), file)
          + ", "
          + argument(map.value(), file)
          + ">";
    } else if (type instanceof Option option) {
      return boxed(option.some(), file);
    } else if (type instanceof Data data) {
      return boxed(data.type(), file);
    }
    throw unknown(type);
  }

  private static boolean hasArray(Type type) {
    return Scalar.ofArray(type).isPresent()
        || (type instanceof Plain plain && plain.name().equals("bytes"))
        || (type instanceof ListOf list && hasArray(list.element()))
        || (type instanceof MapOf map && hasArray(map.value()))
        || (type instanceof Option option && hasArray(option.some()));
  }

  private static String argument(Type type, JavaFile file) {
    return type instanceof Option ? field(type, file) : boxed(type, file);
  }

  /** The type of a function's parameter. */
  static String parameter(Type type, JavaFile file, boolean buffers) {
    if (type instanceof Data data) {
      return field(data.type(), file);
    } else if (type instanceof Option option) {
      return nullable(crossing(option.some(), file, buffers), file);
    } else if (type instanceof Plain plain && !plain.name().equals("bytes")) {
      return Scalar.named(plain.name())
          .map(scalar -> scalar.type(file))
          .orElseGet(() -> crossing(type, file, buffers));
    }
    return crossing(type, file, buffers);
  }

  /** The class of what a function takes or returns. */
  static String crossing(Type type, JavaFile file, boolean buffers) {
    if (type instanceof Handler handler) {
      return file.use("dev.loopbridge.JavaHandler")
          + "<"
          + handled(handler.argument(), file, buffers)
          + ", "
          + handled(handler.answer(), file, buffers)
          + ">";
    } else if (type instanceof Option option) {
      return crossing(option.some(), file, buffers);
    } else if (type instanceof Plain plain) {
      switch (plain.name()) {
        case "unit":
          return file.use("java.lang.Void");
        case "ref":
          return file.use("dev.loopbridge.LoopRef") + "<?>";
        case "local":
          return file.use("dev.loopbridge.NativeRef");
        case "bytes":
          return buffers ? file.use("io.netty.buffer.ByteBuf") : "byte[]";
        default:
      }
    } else if (type instanceof ObjectOf object) {
      return file.own(object.name(), "object");
    }
    return boxed(type, file);
  }

  private static String handled(Type type, JavaFile file, boolean buffers) {
    boolean isData =
        type instanceof Type.Tuple tuple
            ? tuple.parts().stream().anyMatch(Data.class::isInstance)
            : type instanceof Data;
    if (isData) {
      throw new BuildException(
          "a JavaFn takes and answers numbers, strings and bytes, or tuples of these, and no records,"
              + " lists or other data; give it these parts");
    }
    if (type instanceof ObjectOf
        || type instanceof Option option && option.some() instanceof ObjectOf) {
      return file.use("dev.loopbridge.NativeObject");
    }
    return type instanceof Type.Tuple
        ? "? extends " + file.use("java.lang.Record")
        : crossing(type, file, buffers);
  }

  private static BuildException unknown(Type type) {
    return new BuildException(
        "nothing in Java stands for "
            + (type instanceof Plain plain ? plain.name() : "a " + type.getClass().getSimpleName())
            + "; build the library and the classes with one version of Loopbridge");
  }
}
