package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One argument's or result's type: the Rust name, whether it is an {@code Option}, and the Java
 * classes that fit it.
 */
final class ValueType {

  /** The types that cross the boundary. */
  enum Kind {
    UNIT("unit", Void.class, void.class),
    BOOL("bool", Boolean.class, boolean.class),
    I32("i32", Integer.class, int.class),
    I64("i64", Long.class, long.class),
    F64("f64", Double.class, double.class),
    STRING("string", String.class),
    BYTES("bytes", ByteBuf.class, byte[].class),
    REF("ref", LoopRef.class),
    LOCAL("local", NativeRef.class),
    HANDLER("fn", JavaHandler.class),
    TUPLE("tuple", Record.class);

    final String rustName;
    final List<Class<?>> classes;

    Kind(String rustName, Class<?>... classes) {
      this.rustName = rustName;
      this.classes = List.of(classes);
    }

    /** Returns whether each number of this class is one of this kind. */
    boolean widens(Class<?> type) {
      return switch (this) {
        case I32 -> SMALL.contains(type);
        case I64 -> SMALL.contains(type) || I32.classes.contains(type);
        case F64 -> I64.widens(type) || FLOAT.contains(type);
        default -> false;
      };
    }
  }

  private static final Set<Class<?>> SMALL =
      Set.of(Byte.class, byte.class, Short.class, short.class);

  private static final Set<Class<?>> FLOAT = Set.of(Float.class, float.class);

  final Kind kind;
  final boolean optional;

  /** The type of a handler's argument, as the result of the request; null for another type. */
  final Signature argument;

  /** The type of a handler's answer; null for another type. */
  final ValueType answer;

  /** The types of a tuple; empty for another type. */
  final List<ValueType> parts;

  private ValueType(
      Kind kind, boolean optional, Signature argument, ValueType answer, List<ValueType> parts) {
    this.kind = kind;
    this.optional = optional;
    this.argument = argument;
    this.answer = answer;
    this.parts = parts;
  }

  /** The bytes that every value takes; 0 if they take different ones. */
  int fixedLength() {
    if (optional) {
      return 0;
    }
    return switch (kind) {
      case BOOL -> 1;
      case I32 -> 4;
      case I64, F64 -> 8;
      case UNIT, STRING, BYTES, REF, LOCAL, HANDLER, TUPLE -> 0;
    };
  }

  /** Parses {@code i64}, {@code i64?}, {@code [i64+string]} or {@code fn<i64;string>}. */
  static ValueType parse(String text) {
    int middle = text.indexOf(';');
    if (text.startsWith("fn<") && middle > 0 && text.endsWith(">")) {
      return new ValueType(
          Kind.HANDLER,
          false,
          Signature.ofArgument(parse(text.substring(3, middle)), text),
          parse(text.substring(middle + 1, text.length() - 1)),
          List.of());
    }
    if (text.startsWith("[") && text.endsWith("]")) {
      String[] parts = text.substring(1, text.length() - 1).split("\\+");
      return new ValueType(
          Kind.TUPLE, false, null, null, Arrays.stream(parts).map(ValueType::parse).toList());
    }
    boolean optional = text.endsWith("?");
    String name = optional ? text.substring(0, text.length() - 1) : text;
    for (Kind kind : Kind.values()) {
      if (kind.rustName.equals(name)) {
        return new ValueType(kind, optional, null, null, List.of());
      }
    }
    throw new IllegalArgumentException("unknown type '" + text + "' in a native signature");
  }

  /**
   * Returns whether a declared Java class stands for what Rust gives as this type; a primitive
   * class cannot stand for an {@code Option}.
   */
  boolean fits(Class<?> type) {
    if (kind == Kind.TUPLE) {
      return type != null && type.isRecord() && RecordClass.of(type).fits(parts);
    }
    return type != null
        && (kind.classes.contains(type) || (kind == Kind.BYTES && BytesCodecs.know(type)))
        && !(optional && type.isPrimitive());
  }

  /** Returns whether a declared Java class stands for what Rust takes as this type. */
  boolean takes(Class<?> type) {
    return fits(type) || (type != null && kind.widens(type) && !(optional && type.isPrimitive()));
  }

  /**
   * A value as it is written: a number of a smaller class as one of this type, bytes of another
   * library's class as a {@code ByteBuf}, anything else as it is.
   */
  Object converted(Object value) {
    if (kind == Kind.BYTES) {
      return BytesCodecs.encoded(value);
    }
    if (value == null || !kind.widens(value.getClass())) {
      return value;
    }
    Number number = (Number) value;
    return switch (kind) {
      case I32 -> (Object) number.intValue();
      case I64 -> (Object) number.longValue();
      default -> (Object) number.doubleValue();
    };
  }

  /** Returns whether an argument, {@linkplain #converted converted}, is of this type. */
  boolean accepts(Object value) {
    if (value == null) {
      return optional;
    }
    return switch (kind) {
      case BYTES -> value instanceof ByteBuf || value instanceof byte[];
      case HANDLER ->
          value instanceof JavaHandler<?, ?> handler
              && argument.result.fits(handler.argumentClass)
              && answer.takes(handler.answerClass);
      default -> kind.classes.get(0).isInstance(value);
    };
  }

  /** Returns whether this is the same type as another, none of the two a handler. */
  boolean isSame(ValueType other) {
    return kind == other.kind && optional == other.optional && kind != Kind.TUPLE;
  }

  /** Returns whether a handler's answer is of this type. */
  boolean answers(Object value) {
    return kind == Kind.UNIT ? value == null : accepts(value);
  }

  /** The Java classes that fit, for messages. */
  String javaNames() {
    return switch (kind) {
          case UNIT -> "Void";
          case BYTES -> "ByteBuf or byte[]" + BytesCodecs.names();
          case HANDLER ->
              "JavaHandler(" + argument.result.javaNames() + " to " + answer.javaNames() + ")";
          case TUPLE ->
              "a record of "
                  + parts.stream().map(ValueType::javaNames).collect(Collectors.joining(", "));
          default -> kind.classes.get(0).getSimpleName();
        }
        + (optional ? " or null" : "");
  }

  @Override
  public String toString() {
    if (kind == Kind.HANDLER) {
      return "fn<" + argument.result + ";" + answer + ">";
    }
    if (kind == Kind.TUPLE) {
      return parts.stream().map(ValueType::toString).collect(Collectors.joining("+", "[", "]"));
    }
    return optional ? kind.rustName + "?" : kind.rustName;
  }
}
