package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes values one behind the other, without padding, as the crate's {@code codec/arguments.rs}
 * reads them: into a record, into a block that a call lends, or into the bytes of an answer. Owner
 * loop only.
 *
 * <p>It keeps a list of what it has passed by name. Rust holds that from the record on, so a write
 * or a start that fails before drops it again.
 */
final class ValueWriter {

  private final PortConfig config;
  private final ObjectTable objects;
  private final LentMemory lent;

  /** The port's handle while a relay is written, whose record has no slot; else zero. */
  private long relay;

  /** The tickets of the objects of Rust's that were given with the relay. */
  private long[] given = new long[1];

  private int givenCount;

  /** The slots of the handlers and objects that were passed since the list was cleared. */
  private int[] passed = new int[4];

  private int passedCount;

  /**
   * Whether a value since {@link #begin} lends memory or names an object of this loop's: Rust needs
   * the port then.
   */
  private boolean needsPort;

  ValueWriter(PortConfig config, ObjectTable objects, LentMemory lent) {
    this.config = config;
    this.objects = objects;
    this.lent = lent;
  }

  /** Begins the values of one record. */
  void begin() {
    needsPort = false;
    relay = 0;
    forgetPassed();
  }

  /** Begins the arguments of a relay of the port with this handle. */
  void beginRelay(long port) {
    begin();
    relay = port;
  }

  boolean needsPort() {
    return needsPort;
  }

  /** Leaves to Rust what was passed. */
  void forgetPassed() {
    passedCount = 0;
    givenCount = 0;
  }

  /** Drops what was passed, since Rust never got it. */
  void dropPassed() {
    while (passedCount > 0) {
      int slot = passed[--passedCount];
      objects.drop(slot, objects.generation(slot));
    }
    while (givenCount > 0) {
      Native.objectTakeBack(config.library(), relay, given[--givenCount]);
    }
  }

  /**
   * Writes values whose classes were checked before.
   *
   * @param lends whether bytes are lent; else they are copied
   */
  void write(
      List<ValueType> types,
      @Nullable Object[] values,
      ByteBuffer target,
      int start,
      boolean lends) {
    int at = start;
    for (int i = 0; i < values.length; i++) {
      ValueType type = types.get(i);
      Object value = values[i];
      if (type.optional) {
        target.put(at++, (byte) (value == null ? 0 : 1));
        if (value == null) {
          continue;
        }
      }
      switch (type.kind) {
        case UNIT -> {}
        case BOOL -> target.put(at++, (byte) ((Boolean) value ? 1 : 0));
        case I8, U8 -> target.put(at++, ((Number) value).byteValue());
        case I16, U16 -> {
          target.putShort(at, ((Number) value).shortValue());
          at += 2;
        }
        case I32, CHAR -> {
          target.putInt(at, (Integer) value);
          at += 4;
        }
        case U32 -> {
          target.putInt(at, ((Long) value).intValue());
          at += 4;
        }
        case F32 -> {
          target.putFloat(at, (Float) value);
          at += 4;
        }
        case I64, U64 -> {
          target.putLong(at, (Long) value);
          at += 8;
        }
        case F64 -> {
          target.putDouble(at, (Double) value);
          at += 8;
        }
        case REF, LOCAL, HANDLER -> at = pass((Passed) value, type, target, at);
        case OBJECT -> {
          target.putLong(at, ticket((PassedObject) value));
          at += 8;
        }
        case STRING -> at = writeString((String) value, target, at);
        case BYTES, DATA ->
            at = lends ? lendBytes(value, target, at) : copyBytes(value, target, at);
        case TUPLE -> throw new IllegalStateException("a tuple is no argument of Rust's");
      }
    }
  }

  private int pass(Passed value, ValueType type, ByteBuffer target, int at) {
    boolean held = value.units() > 0;
    if (held && passedCount == passed.length) {
      // Before the slot is taken: without an entry in the list it would stay taken for ever.
      passed = Arrays.copyOf(passed, passedCount * 2);
    }
    long name = value.passTo(objects, type);
    if (held) {
      passed[passedCount++] = (int) name;
      needsPort = true;
    }
    target.putInt(at, (int) name);
    target.putInt(at + 4, (int) (name >>> 32));
    if (type.kind != ValueType.Kind.HANDLER) {
      return at + 8;
    }
    target.putInt(at + 8, value.units() - 1); // the invocations that may be under way at once
    return at + 12;
  }

  /**
   * The ticket by which the record names an object of Rust's. The call keeps the object until it
   * has ended; a relay, of whose end Java does not learn, gives it to Rust.
   */
  private long ticket(PassedObject value) {
    long ticket = lent.pin(value).ticketIn(config);
    return relay == 0 ? ticket : give(ticket);
  }

  private long give(long ticket) {
    if (givenCount == given.length) {
      given = Arrays.copyOf(given, givenCount * 2);
    }
    long taken = Native.objectGive(config.library(), relay, ticket);
    given[givenCount++] = taken;
    return taken;
  }

  private static int writeString(String text, ByteBuffer target, int at) {
    target.put(at, RecordLayout.FORM_INLINE);
    int end = Utf8.write(text, target, at + 5);
    target.putInt(at + 1, end - (at + 5));
    return end;
  }

  private static int copyBytes(Object value, ByteBuffer target, int at) {
    int length;
    target.put(at, RecordLayout.FORM_INLINE);
    if (value instanceof byte[] bytes) {
      length = bytes.length;
      target.put(at + 5, bytes);
    } else {
      ByteBuf bytes = (ByteBuf) value;
      length = bytes.readableBytes();
      if (target.hasArray()) {
        bytes.getBytes(bytes.readerIndex(), target.array(), target.arrayOffset() + at + 5, length);
      } else {
        copy(bytes, length, target, at + 5);
      }
    }
    target.putInt(at + 1, length);
    return at + 5 + length;
  }

  /** Copies a buffer's readable bytes into memory that has no array, without a view of that. */
  private static void copy(ByteBuf bytes, int length, ByteBuffer target, int at) {
    int from = bytes.readerIndex();
    if (bytes.hasArray()) {
      target.put(at, bytes.array(), bytes.arrayOffset() + from, length);
    } else if (length <= RecordLayout.SUBMISSION_INLINE_BYTES) {
      for (int i = 0; i < length; i++) {
        target.put(at + i, bytes.getByte(from + i));
      }
    } else {
      byte[] copy = new byte[length];
      bytes.getBytes(from, copy);
      target.put(at, copy);
    }
  }

  /**
   * Lends bytes and writes their address and length. A direct buffer in one piece is lent where it
   * lies; any other bytes are copied once, since Rust reads only memory that does not move.
   */
  private int lendBytes(Object value, ByteBuffer target, int at) {
    int length = value instanceof ByteBuf given ? given.readableBytes() : ((byte[]) value).length;
    if (length == 0) { // nothing to lend
      target.put(at, RecordLayout.FORM_INLINE);
      target.putInt(at + 1, 0);
      return at + 5;
    }
    ByteBuf bytes;
    int start = 0;
    if (value instanceof ByteBuf given && given.isDirect() && given.nioBufferCount() == 1) {
      lent.lend(given);
      bytes = given;
      start = given.readerIndex();
    } else {
      bytes = lent.block(length);
      if (value instanceof byte[] array) {
        bytes.writeBytes(array);
      } else {
        ByteBuf given = (ByteBuf) value;
        bytes.writeBytes(given, given.readerIndex(), length);
      }
    }
    needsPort = true;
    target.put(at, RecordLayout.FORM_LENT);
    target.putLong(at + 1, lent.addressOf(bytes, start, length));
    target.putInt(at + 9, length);
    return at + 13;
  }
}
