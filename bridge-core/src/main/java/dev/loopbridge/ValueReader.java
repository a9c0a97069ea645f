package dev.loopbridge;

import dev.loopbridge.spi.DataCodec;
import dev.loopbridge.spi.DataReader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Makes Java values of the results of calls and the arguments of handlers. {@link NativeResult}
 * reads what lies in a record; this class knows the classes that a user gets. Owner loop only.
 */
final class ValueReader {

  private ValueReader() {}

  /** The value as an object of the class that the function was looked up with. */
  static @Nullable Object value(NativeResult result, Class<?> resultClass) {
    if (result.isNull()) {
      return null;
    }
    ValueType.Kind kind = result.signature().result.kind;
    return switch (kind) {
      case UNIT -> null;
      case BOOL -> result.booleanValue();
      case I32 -> result.intValue();
      case I64 -> result.longValue();
      case F64 -> result.doubleValue();
      case STRING -> result.stringValue();
      case BYTES -> bytes(result, resultClass);
      case REF -> result.heldObject() instanceof LoopRef<?> reference ? reference : null;
      case LOCAL -> local(result);
      case OBJECT -> object(result);
      case TUPLE -> tuple(result, resultClass);
      case DATA -> throw new IllegalStateException("data is read by its codec");
      case I8, I16, U8, U16, U32, U64, F32, CHAR -> number(kind, result.reader(kind));
      case HANDLER -> throw new IllegalStateException("no function returns a handler");
    };
  }

  /** The next number or boolean of what is read. */
  static Object number(ValueType.Kind kind, DataReader from) {
    return switch (kind) {
      case BOOL -> from.bool();
      case I8 -> from.i8();
      case I16 -> from.i16();
      case I32 -> from.i32();
      case I64 -> from.i64();
      case U8 -> from.u8();
      case U16 -> from.u16();
      case U32 -> from.u32();
      case U64 -> from.u64();
      case F32 -> from.f32();
      case F64 -> from.f64();
      case CHAR -> from.character();
      default -> throw new IllegalStateException(kind.rustName + " is no number");
    };
  }

  /** The result of a function that returns data, which is to end where its value does. */
  static <R extends @Nullable Object> R data(NativeResult result, DataCodec<R> codec) {
    DataReader from = result.reader(ValueType.Kind.DATA);
    try {
      R value = codec.read(from);
      from.end();
      return value;
    } catch (DataException e) {
      throw new DataException("the result of " + result.name() + ": " + e.getMessage());
    }
  }

  private static Object bytes(NativeResult result, Class<?> resultClass) {
    if (resultClass == byte[].class) {
      return result.bytesValue();
    }
    return resultClass == ByteBuf.class
        ? result.bufferValue()
        : BytesCodecs.decoded(result.bytesValue(), resultClass);
  }

  private static Object tuple(NativeResult result, Class<?> resultClass) {
    return RecordClass.of(resultClass).read(result.signature().result.parts, result.tupleBytes());
  }

  /**
   * The result of a function that returns an object of Rust's. The caller owns and closes it; it
   * can be taken once.
   */
  static NativeRef local(NativeResult result) {
    long name = result.localName();
    NativeRef reference =
        NativeRef.of(
            result.port, result.steps, (int) name, (int) (name >>> 32), result.signature());
    result.taken(); // not before: if no reference could be made, release() drops the object
    return reference;
  }

  /** The same for an object that all loops may use. */
  private static NativeObject object(NativeResult result) {
    Signature signature = result.signature();
    NativeObject object =
        NativeObject.of(
            result.port, result.objectTicket(), signature.result.objectType(), signature);
    result.taken(); // not before, as above
    return object;
  }
}
