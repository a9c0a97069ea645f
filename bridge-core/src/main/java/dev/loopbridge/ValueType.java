package dev.loopbridge;

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
    I8("i8"),
    I16("i16"),
    I32("i32"),
    I64("i64"),
    U8("u8"),
    U16("u16"),
    U32("u32"),
    U64("u64"),
    F32("f32"),
    F64("f64"),
    CHAR("char"),
    STRING("string"),
    BYTES("bytes"),
    REF("ref"),
    LOCAL("local"),
    OBJECT("object"),
    HANDLER("fn"),
    TUPLE("tuple"),
    DATA("data");

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

  /** The type that is encoded, such as {@code list<#Order>}; empty for another type. */
  final String data;

  /**
   * The type of the object that all loops may use, {@code object<Shop>}; empty for another type.
   */
  private final String objectType;

  private ValueType(
      Kind kind,
      boolean optional,
      @Nullable Signature argument,
      @Nullable ValueType answer,
      List<ValueType> parts,
      String data,
      String objectType) {
    this.kind = kind;
    this.optional = optional;
    this.argument = argument;
    this.answer = answer;
    this.parts = parts;
    this.data = data;
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
    return objectType;
  }

  /** The bytes that every value takes; 0 if they take different ones. */
  int fixedLength() {
    return optional ? 0 : sizeOfValue();
  }

  /** The bytes that each value but {@code None} takes; 0 if they take different ones. */
  int sizeOfValue() {
    return switch (kind) {
      case BOOL, I8, U8 -> 1;
      case I16, U16 -> 2;
      case I32, U32, F32, CHAR -> 4;
      case I64, U64, F64 -> 8;
      case UNIT, STRING, BYTES, REF, LOCAL, OBJECT, HANDLER, TUPLE, DATA -> 0;
    };
  }

  /**
   * Parses {@code i64}, {@code i64?}, {@code object<Shop>}, {@code [i64+string]}, {@code
   * fn<i64;string>} or {@code {list<i64>}}.
   */
  static ValueType parse(String text) {
    if (text.startsWith("{") && text.endsWith("}")) {
      String data = text.substring(1, text.length() - 1);
      return new ValueType(Kind.DATA, false, null, null, List.of(), data, "");
    }
    if (text.startsWith("fn<") && text.endsWith(">")) {
      List<String> halves = Nesting.split(text.substring(3, text.length() - 1), ';');
      if (halves.size() == 2) {
        Signature argument = Signature.ofArgument(parse(halves.get(0)), text);
        return new ValueType(
            Kind.HANDLER, false, argument, parse(halves.get(1)), List.of(), "", "");
      }
    }
    if (text.startsWith("[") && text.endsWith("]")) {
      List<String> parts = Nesting.split(text.substring(1, text.length() - 1), '+');
      List<ValueType> types = parts.stream().map(ValueType::parse).toList();
      return new ValueType(Kind.TUPLE, false, null, null, types, "", "");
    }
    boolean optional = text.endsWith("?");
    String name = optional ? text.substring(0, text.length() - 1) : text;
    if (name.startsWith("object<") && name.endsWith(">")) {
      return new ValueType(Kind.OBJECT, optional, null, null, List.of(), "", name);
    }
    for (Kind kind : Kind.values()) {
      if (kind.rustName.equals(name)) {
        return new ValueType(kind, optional, null, null, List.of(), "", "");
      }
    }
    throw new IllegalArgumentException("unknown type '" + text + "' in a native signature");
  }

  /** Returns whether this is the same type as another, none of the two a handler. */
  boolean isSame(ValueType other) {
    return kind == other.kind
        && optional == other.optional
        && kind != Kind.TUPLE
        && data.equals(other.data)
        && objectType.equals(other.objectType);
  }

  @Override
  public String toString() {
    if (kind == Kind.HANDLER) {
      return "fn<" + argument().result + ";" + answer + ">";
    }
    if (kind == Kind.TUPLE) {
      return parts.stream().map(ValueType::toString).collect(Collectors.joining("+", "[", "]"));
    }
    if (kind == Kind.DATA) {
      return "{" + data + "}";
    }
    String name = kind == Kind.OBJECT ? objectType : kind.rustName;
    return optional ? name + "?" : name;
  }
}
