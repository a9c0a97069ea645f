package dev.loopbridge;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One argument's or result's type: the Rust name, and whether it is an {@code Option}. {@link
 * JavaTypes} has the Java classes that stand for it. Immutable.
 */
final class ValueType {

  /** The types that cross the boundary. */
  enum Kind {
    UNIT("unit"),
    BOOL("bool"),
    I32("i32"),
    I64("i64"),
    F64("f64"),
    STRING("string"),
    BYTES("bytes"),
    REF("ref"),
    LOCAL("local"),
    OBJECT("object"),
    HANDLER("fn"),
    TUPLE("tuple");

    final String rustName;

    Kind(String rustName) {
      this.rustName = rustName;
    }
  }

  final Kind kind;
  final boolean optional;

  // The types of a handler's argument and answer; null for another type.
  private final @Nullable Signature argument;
  private final @Nullable ValueType answer;

  /** The types of a tuple; empty for another type. */
  final List<ValueType> parts;

  /** The type of the object that all loops may use, {@code object<Shop>}; null for another type. */
  private final @Nullable String objectType;

  private ValueType(
      Kind kind,
      boolean optional,
      @Nullable Signature argument,
      @Nullable ValueType answer,
      List<ValueType> parts,
      @Nullable String objectType) {
    this.kind = kind;
    this.optional = optional;
    this.argument = argument;
    this.answer = answer;
    this.parts = parts;
    this.objectType = objectType;
  }

  /** The type of a handler's argument, as the result of the request. Of a handler's type only. */
  Signature argument() {
    return Objects.requireNonNull(argument);
  }

  /** The type of a handler's answer. Of a handler's type only. */
  ValueType answer() {
    return Objects.requireNonNull(answer);
  }

  /** The type of the object, such as {@code object<Shop>}. Of an object's type only. */
  String objectType() {
    return Objects.requireNonNull(objectType);
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
      case UNIT, STRING, BYTES, REF, LOCAL, OBJECT, HANDLER, TUPLE -> 0;
    };
  }

  /**
   * Parses {@code i64}, {@code i64?}, {@code object<Shop>}, {@code [i64+string]} or {@code
   * fn<i64;string>}.
   */
  static ValueType parse(String text) {
    int middle = text.indexOf(';');
    if (text.startsWith("fn<") && middle > 0 && text.endsWith(">")) {
      return new ValueType(
          Kind.HANDLER,
          false,
          Signature.ofArgument(parse(text.substring(3, middle)), text),
          parse(text.substring(middle + 1, text.length() - 1)),
          List.of(),
          null);
    }
    if (text.startsWith("[") && text.endsWith("]")) {
      String[] parts = text.substring(1, text.length() - 1).split("\\+");
      return new ValueType(
          Kind.TUPLE, false, null, null, Arrays.stream(parts).map(ValueType::parse).toList(), null);
    }
    boolean optional = text.endsWith("?");
    String name = optional ? text.substring(0, text.length() - 1) : text;
    if (name.startsWith("object<") && name.endsWith(">")) {
      return new ValueType(Kind.OBJECT, optional, null, null, List.of(), name);
    }
    for (Kind kind : Kind.values()) {
      if (kind.rustName.equals(name)) {
        return new ValueType(kind, optional, null, null, List.of(), null);
      }
    }
    throw new IllegalArgumentException("unknown type '" + text + "' in a native signature");
  }

  /** Returns whether this is the same type as another, none of the two a handler. */
  boolean isSame(ValueType other) {
    return kind == other.kind
        && optional == other.optional
        && kind != Kind.TUPLE
        && Objects.equals(objectType, other.objectType);
  }

  @Override
  public String toString() {
    if (kind == Kind.HANDLER) {
      return "fn<" + argument().result + ";" + answer + ">";
    }
    if (kind == Kind.TUPLE) {
      return parts.stream().map(ValueType::toString).collect(Collectors.joining("+", "[", "]"));
    }
    String name = objectType != null ? objectType : kind.rustName;
    return optional ? name + "?" : name;
  }
}
