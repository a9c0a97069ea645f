package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The Java classes that stand for the Rust types of a signature. It is used where functions are
 * looked up and values enter or leave the bridge; the records know Rust's types alone. Any thread.
 */
final class JavaTypes {

  private static final Set<Class<?>> BYTE = Set.of(Byte.class, byte.class);

  private static final Set<Class<?>> SMALL =
      Set.of(Byte.class, byte.class, Short.class, short.class);

  private static final Set<Class<?>> INT = Set.of(Integer.class, int.class);

  private static final Set<Class<?>> FLOAT = Set.of(Float.class, float.class);

  private JavaTypes() {}

  /** The classes whose instances are written and read as they are; the first names the type. */
  private static List<Class<?>> classes(ValueType type) {
    return switch (type.kind) {
      case UNIT -> List.of(Void.class, void.class);
      case BOOL -> List.of(Boolean.class, boolean.class);
      case I8 -> List.of(Byte.class, byte.class);
      case I16 -> List.of(Short.class, short.class);
      case I32, U8, U16, CHAR -> List.of(Integer.class, int.class);
      case I64, U32, U64 -> List.of(Long.class, long.class);
      case F32 -> List.of(Float.class, float.class);
      case F64 -> List.of(Double.class, double.class);
      case STRING -> List.of(String.class);
      case BYTES -> List.of(ByteBuf.class, byte[].class);
      case REF -> List.of(LoopRef.class);
      case LOCAL -> List.of(NativeRef.class);
      case OBJECT -> List.of(NativeObject.class);
      case HANDLER -> List.of(JavaHandler.class);
      case TUPLE -> List.of(Record.class);
      case DATA -> List.of(); // generated classes have codecs of theirs
    };
  }

  /**
   * Returns whether each number of this class is one of the class of this type. A negative one is
   * refused where that type is unsigned.
   */
  private static boolean widens(ValueType to, Class<?> from) {
    return switch (to.kind) {
      case I16 -> BYTE.contains(from);
      case I32, U8, U16, F32 -> SMALL.contains(from);
      case I64, U32, U64 -> SMALL.contains(from) || INT.contains(from);
      case F64 -> SMALL.contains(from) || INT.contains(from) || FLOAT.contains(from);
      default -> false;
    };
  }

  /**
   * Returns whether a declared class stands for what Rust gives as this type; a primitive class
   * cannot stand for an {@code Option}.
   */
  static boolean fits(ValueType type, Class<?> declared) {
    if (declared == null) {
      return false;
    }
    if (type.kind == ValueType.Kind.TUPLE) {
      return declared.isRecord() && fits(type.parts, RecordClass.of(declared).components());
    }
    return (classes(type).contains(declared)
            || (type.kind == ValueType.Kind.BYTES && BytesCodecs.know(declared)))
        && !(type.optional && declared.isPrimitive());
  }

  private static boolean fits(List<ValueType> parts, Class<?>[] components) {
    boolean fits = components.length == parts.size();
    for (int i = 0; fits && i < components.length; i++) {
      fits = fits(parts.get(i), components[i]);
    }
    return fits;
  }

  /** Returns whether a declared class stands for what Rust takes as this type. */
  static boolean takes(ValueType type, Class<?> declared) {
    return fits(type, declared)
        || (declared != null
            && widens(type, declared)
            && !(type.optional && declared.isPrimitive()));
  }

  /**
   * A value as it is written: a number of a smaller class as one of this type, bytes of another
   * library's class as a {@code ByteBuf}, a {@code TypedObject} as its object, anything else as it
   * is.
   */
  static @Nullable Object converted(ValueType type, @Nullable Object value) {
    if (type.kind == ValueType.Kind.BYTES) {
      return BytesCodecs.encoded(value);
    }
    if (type.kind == ValueType.Kind.OBJECT) {
      NativeObject object = NativeObject.in(value);
      return object != null ? object : value;
    }
    if (value == null || !widens(type, value.getClass())) {
      return value;
    }
    Number number = (Number) value;
    return switch (type.kind) {
      case I16 -> (Object) number.shortValue();
      case I32, U8, U16 -> (Object) number.intValue();
      case I64, U32, U64 -> (Object) number.longValue();
      case F32 -> (Object) number.floatValue();
      default -> (Object) number.doubleValue();
    };
  }

  /** Returns whether an argument, {@linkplain #converted converted}, is of this type. */
  static boolean accepts(ValueType type, @Nullable Object value) {
    if (value == null) {
      return type.optional;
    }
    return switch (type.kind) {
      case UNIT -> false;
      case BOOL -> value instanceof Boolean;
      case I8 -> value instanceof Byte;
      case I16 -> value instanceof Short;
      case U8 -> value instanceof Integer number && (number & ~0xff) == 0;
      case U16 -> value instanceof Integer number && (number & ~0xffff) == 0;
      case U32 -> value instanceof Long number && number >>> Integer.SIZE == 0;
      case U64 -> value instanceof Long number && number >= 0;
      case F32 -> value instanceof Float;
      case CHAR -> value instanceof Integer point && isCharacter(point);
      case I32 -> value instanceof Integer;
      case I64 -> value instanceof Long;
      case F64 -> value instanceof Double;
      case STRING -> value instanceof String;
      case BYTES -> value instanceof ByteBuf || value instanceof byte[];
      case REF -> value instanceof LoopRef<?>;
      case LOCAL -> value instanceof NativeRef;
      case OBJECT ->
          value instanceof NativeObject object && object.type().equals(type.objectType());
      case HANDLER ->
          value instanceof JavaHandler<?, ?> handler
              && fits(type.argument().result, handler.argumentClass)
              && takes(type.answer(), handler.answerClass);
      case TUPLE -> value instanceof Record;
      case DATA -> value instanceof byte[]; // encoded
    };
  }

  private static boolean isCharacter(int point) {
    return Character.isValidCodePoint(point)
        && (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE);
  }

  /** Returns whether a handler's answer, {@linkplain #converted converted}, is of this type. */
  static boolean answers(ValueType type, @Nullable Object value) {
    return type.kind == ValueType.Kind.UNIT ? value == null : accepts(type, value);
  }

  /** Refuses classes that do not stand for the types of a function. */
  static void check(Signature function, Class<?> resultClass, Class<?>... argumentClasses) {
    boolean fits =
        fits(function.result, resultClass) && argumentClasses.length == function.arguments.size();
    for (int i = 0; fits && i < argumentClasses.length; i++) {
      fits = takes(function.arguments.get(i), argumentClasses[i]);
    }
    if (!fits) {
      throw new SignatureMismatchException(
          "asked for "
              + function.name
              + Arrays.stream(argumentClasses)
                  .map(JavaTypes::nameOf)
                  .collect(Collectors.joining(", ", "(", ")"))
              + " returning "
              + nameOf(resultClass)
              + ", but the library has "
              + function
              + ", which is "
              + function.name
              + function.arguments.stream()
                  .map(JavaTypes::namesOf)
                  .collect(Collectors.joining(", ", "(", ")"))
              + " returning "
              + namesOf(function.result));
    }
  }

  /** Converts the arguments of a call; refuses a wrong number of them, or a wrong type. */
  static void convert(Signature function, @Nullable Object... given) {
    List<ValueType> arguments = function.arguments;
    if (given.length != arguments.size()) {
      throw new SignatureMismatchException(
          function.name
              + " takes "
              + arguments.size()
              + " arguments, given "
              + given.length
              + ": "
              + function);
    }
    for (int i = 0; i < given.length; i++) {
      ValueType expected = arguments.get(i);
      given[i] = converted(expected, given[i]);
      if (!accepts(expected, given[i])) {
        throw new SignatureMismatchException(
            "argument "
                + (i + 1)
                + " of "
                + function.name
                + " is "
                + describe(expected, given[i])
                + ", expected "
                + namesOf(expected)
                + ": "
                + function);
      }
    }
  }

  private static String describe(ValueType expected, @Nullable Object given) {
    if (given == null) {
      return "null";
    }
    if (classes(expected).contains(given.getClass()) && given instanceof Number) {
      return given.toString(); // too large, or negative
    }
    boolean speaks = given instanceof JavaHandler<?, ?> || given instanceof NativeObject;
    return "a " + (speaks ? given.toString() : given.getClass().getName());
  }

  private static String nameOf(@Nullable Class<?> type) {
    return type == null ? "null" : type.getSimpleName();
  }

  /** Returns the answer of a handler as Rust takes it; refuses a value of another type. */
  static @Nullable Object answer(ValueType type, @Nullable Object value) {
    Object answer = converted(type, value);
    if (!answers(type, answer)) {
      throw new SignatureMismatchException(
          "a handler answered with "
              + (value == null ? "null" : "a " + value.getClass().getName())
              + ", expected "
              + namesOf(type));
    }
    return answer;
  }

  /** Refuses a call whose result is no answer of this type. */
  static void requireAnswer(ValueType type, Signature call) {
    if (call.local) { // here: Rust would not read the arguments, and keep what they name
      throw new SignatureMismatchException(
          "a handler handed over a call of a loop-driven function; start it, and answer with what"
              + " comes of it: "
              + call);
    }
    if (!call.result.isSame(type) || type.kind == ValueType.Kind.REF) {
      throw new SignatureMismatchException(
          "a handler handed over a call that returns "
              + namesOf(call.result)
              + ", expected "
              + namesOf(type)
              + (type.kind == ValueType.Kind.REF ? " as a value" : "")
              + ": "
              + call);
    }
  }

  /** The classes that fit, for messages. */
  static String namesOf(ValueType type) {
    return switch (type.kind) {
          case UNIT -> "Void";
          case BYTES -> "ByteBuf or byte[]" + BytesCodecs.names();
          case HANDLER ->
              "JavaHandler("
                  + namesOf(type.argument().result)
                  + " to "
                  + namesOf(type.answer())
                  + ")";
          case OBJECT -> "NativeObject (" + type.objectType() + ")";
          case TUPLE ->
              "a record of "
                  + type.parts.stream().map(JavaTypes::namesOf).collect(Collectors.joining(", "));
          case U8 -> "Integer from 0 to 255";
          case U16 -> "Integer from 0 to 65535";
          case U32 -> "Long from 0 to 4294967295";
          case U64 -> "Long from 0";
          case CHAR -> "Integer that is a code point";
          case DATA -> "what generated classes have for " + type.data;
          default -> classes(type).get(0).getSimpleName();
        }
        + (type.optional ? " or null" : "");
  }
}
