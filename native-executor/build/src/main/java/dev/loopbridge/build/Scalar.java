package dev.loopbridge.build;

import java.util.Arrays;
import java.util.Optional;

/** The types that have no parts, and what stands for them in Java. */
enum Scalar {
  BOOL("bool", "boolean", "java.lang.Boolean", "bool"),
  I8("i8", "byte", "java.lang.Byte", "i8"),
  I16("i16", "short", "java.lang.Short", "i16", "SHORTS"),
  I32("i32", "int", "java.lang.Integer", "i32", "INTS"),
  I64("i64", "long", "java.lang.Long", "i64", "LONGS"),
  U8("u8", "int", "java.lang.Integer", "u8"),
  U16("u16", "int", "java.lang.Integer", "u16"),
  U32("u32", "long", "java.lang.Long", "u32"),
  U64("u64", "long", "java.lang.Long", "u64"),
  F32("f32", "float", "java.lang.Float", "f32", "FLOATS"),
  F64("f64", "double", "java.lang.Double", "f64", "DOUBLES"),
  CHAR("char", "int", "java.lang.Integer", "character"),
  STRING("string", "", "java.lang.String", "string"),
  BYTES("bytes", "byte[]", "byte[]", "bytes"),
  DURATION("duration", "", "java.time.Duration", "duration"),
  TIME("time", "", "java.time.Instant", "time"),
  UUID("uuid", "", "java.util.UUID", "uuid");

  private final String rust;

  /** The primitive type or array; empty if a class alone stands for it. */
  private final String primitive;

  private final String boxed;

  /** Its method in {@code DataWriter} and {@code DataReader}. */
  final String method;

  /** The codec of an array of them; empty if they have none. */
  final String arrayCodec;

  Scalar(String rust, String primitive, String boxed, String method) {
    this(rust, primitive, boxed, method, "");
  }

  Scalar(String rust, String primitive, String boxed, String method, String arrayCodec) {
    this.rust = rust;
    this.primitive = primitive;
    this.boxed = boxed;
    this.method = method;
    this.arrayCodec = arrayCodec;
  }

  /** The scalar of this name. */
  static Optional<Scalar> named(String rust) {
    return Arrays.stream(values()).filter(scalar -> scalar.rust.equals(rust)).findFirst();
  }

  /** The scalar whose lists are arrays in Java, if the type is that. */
  static Optional<Scalar> ofArray(Type type) {
    return type instanceof Type.ListOf list && list.element() instanceof Type.Plain plain
        ? named(plain.name()).filter(scalar -> !scalar.arrayCodec.isEmpty())
        : Optional.empty();
  }

  /** The Java type where none is null. */
  String type(JavaFile file) {
    return primitive.isEmpty() ? boxed(file) : primitive;
  }

  /** The class. */
  String boxed(JavaFile file) {
    return boxed.endsWith("[]") ? boxed : file.use(boxed);
  }

  boolean isPrimitive() {
    return !primitive.isEmpty() && this != BYTES;
  }

  /** What the numbers of Java's type are restricted to; empty if they are not. */
  String range() {
    return switch (this) {
      case U8 -> "from 0 to 255";
      case U16 -> "from 0 to 65535";
      case U32 -> "from 0 to 4294967295";
      case U64 -> "zero or more";
      case CHAR -> "a code point that is no surrogate";
      default -> "";
    };
  }
}
