package dev.loopbridge.stress.codec;

import com.sun.management.ThreadMXBean;
import dev.loopbridge.InvalidHandleException;
import dev.loopbridge.LoopbridgeException;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.RecordForge;
import io.netty.buffer.ByteBuf;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;

/** Feeds Java's reader with forged records and payloads. Runs on the loop whose reader it is. */
final class ReaderFuzz {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** The allowance for exceptions with their stacks and for the classes that they load. */
  private static final long BYTES_AT_ALL = 256 << 10;

  private static final int BYTES_EACH = 4;

  private static final String[] RESULTS = {
    "unit", "bool", "i32", "i64", "f64", "string", "bytes", "ref", "local", "bool?", "i32?", "i64?",
    "f64?", "string?", "bytes?", "ref?", "local?"
  };

  /** The exceptions that the reader may throw for a malformed record. */
  private static final Set<Class<?>> THROWN =
      Set.of(IllegalStateException.class, InvalidHandleException.class);

  private static final int VALUE = 1;
  private static final int ERROR = 2;
  private static final int PANIC = 3;
  private static final int REFUSED = 6;
  private static final int THROWN_BY_JAVA = 12;
  private static final int EXHAUSTED = 15;
  private static final int OUTCOME = 8;
  private static final int PAYLOAD = 24;

  private final SplittableRandom random;
  private final RecordForge forge;

  ReaderFuzz(SplittableRandom random, RecordForge forge) {
    this.random = random;
    this.forge = forge;
  }

  /** One read of a record. */
  interface Reader {
    Object read() throws Throwable;
  }

  /** Reads once; returns the fault of the result, or null. */
  static String fault(int bytes, Reader reader) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Object read;
    Throwable thrown = null;
    try {
      read = reader.read();
    } catch (Throwable e) {
      read = null;
      thrown = e;
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (read instanceof ByteBuf buffer) {
      buffer.release();
    }
    if (allocated > (long) BYTES_EACH * bytes + BYTES_AT_ALL) {
      return "took " + allocated + " bytes of heap for " + bytes;
    }
    if (thrown != null && !THROWN.contains(thrown.getClass())) {
      return "threw " + thrown;
    }
    if (read instanceof Throwable error && !isTyped(error)) {
      return "failed with " + error;
    }
    return null;
  }

  private static boolean isTyped(Throwable error) {
    return error instanceof LoopbridgeException
        || error instanceof NativeException
        || error instanceof NativePanicError
        || error instanceof CancellationException
        || error instanceof IllegalStateException;
  }

  /** Reads one record of any kind; returns the fault found, or null. */
  String next() {
    return switch (random.nextInt(6)) {
      case 0 -> record(noise(RecordForge.RECORD_BYTES));
      case 1, 2 -> record(nearlyRight());
      case 3 -> sequence();
      case 4 -> payload();
      default -> signature();
    };
  }

  /** Reads these bytes as the result of a function of any type. */
  String record(byte[] bytes) {
    byte[] record = Arrays.copyOf(bytes, RecordForge.RECORD_BYTES);
    String signature = "async f()->" + RESULTS[random.nextInt(RESULTS.length)];
    String fault = fault(record.length, () -> forge.read(record, signature));
    return fault == null ? null : fault + ": " + signature + " of " + Arrays.toString(record);
  }

  private byte[] noise(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] nearlyRight() {
    byte[] record = noise(RecordForge.RECORD_BYTES);
    record[OUTCOME] = (byte) random.nextInt(16);
    record[OUTCOME + 1] = (byte) (random.nextInt(8) == 0 ? random.nextInt(8) : 0);
    record[OUTCOME + 2] = (byte) random.nextInt(44);
    record[OUTCOME + 3] = 0;
    ByteBuffer words = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    int at = PAYLOAD + random.nextInt(2);
    record[at] = (byte) random.nextInt(2);
    words.putInt(at + 1, length());
    return record;
  }

  /** Returns a length that may fit, be too large or be negative. */
  private int length() {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextInt(48);
      case 1 -> -random.nextInt(48);
      case 2 -> 1 << random.nextInt(32);
      case 3 -> Integer.MAX_VALUE - random.nextInt(16);
      default -> random.nextInt();
    };
  }

  /** Reads bytes in a record: the reader returns exactly those bytes, or an error. */
  private String sequence() {
    byte[] record = nearlyRight();
    record[OUTCOME] = VALUE;
    record[OUTCOME + 1] = 0;
    ByteBuffer words = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
    record[PAYLOAD] = 0;
    words.putInt(PAYLOAD + 1, length());
    int length = words.getInt(PAYLOAD + 1);
    int room = Math.min(words.getShort(OUTCOME + 2), 40) - 5;
    Object read;
    try {
      read = forge.read(record, "async f()->bytes");
    } catch (IllegalStateException e) {
      read = null;
    } catch (Throwable e) {
      return length + " bytes where there is room for " + room + " threw " + e;
    }
    byte[] expected =
        length < 0 || length > room
            ? null
            : Arrays.copyOfRange(record, PAYLOAD + 5, PAYLOAD + 5 + length);
    return Arrays.equals(expected, (byte[]) read)
        ? null
        : length + " bytes where there is room for " + room + " were read as others";
  }

  /** Reads a failure's texts from native memory. */
  private String payload() {
    byte[] bytes = random.nextInt(4) == 0 ? noise(random.nextInt(120)) : texts();
    int kind = List.of(ERROR, PANIC, REFUSED, THROWN_BY_JAVA, EXHAUSTED).get(random.nextInt(5));
    byte[] record = RecordForge.external(kind, forge.give(bytes), bytes.length);
    String fault = fault(bytes.length, () -> forge.read(record, "async f()->unit"));
    return fault == null ? null : fault + ": outcome " + kind + " of " + Arrays.toString(bytes);
  }

  /** Makes texts and a count like those of failures, with a wrong length here and there. */
  private byte[] texts() {
    ByteBuffer bytes = ByteBuffer.allocate(400).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = random.nextInt(6); i >= 0; i--) {
      byte[] text = noise(random.nextInt(40));
      bytes.putInt(random.nextInt(8) == 0 ? length() : text.length);
      bytes.put(text);
    }
    bytes.putInt(random.nextInt(4) == 0 ? length() : random.nextInt(3));
    for (int i = random.nextInt(3); i > 0; i--) {
      bytes.putInt(random.nextInt(3));
    }
    bytes.putLong(random.nextLong());
    return Arrays.copyOf(bytes.array(), bytes.position() - random.nextInt(bytes.position() / 4));
  }

  /** Parses a line of a description: the parsed function must be the one of the line. */
  private String signature() {
    String[] parts = {
      "async ",
      "local ",
      "f",
      "(",
      ")",
      "->",
      ",",
      "i64",
      "string?",
      "fn<",
      ";",
      ">",
      "fn<i64;unit>",
      " ",
      "?",
      "unit",
      "\0"
    };
    StringBuilder line = new StringBuilder();
    if (random.nextBoolean()) {
      line.append("async f(");
    }
    for (int i = random.nextInt(8); i > 0; i--) {
      line.append(parts[random.nextInt(parts.length)]);
    }
    if (random.nextBoolean()) {
      line.append(")->").append(RESULTS[random.nextInt(RESULTS.length)]);
    }
    try {
      String parsed = RecordForge.parse(line.toString());
      return parsed.contentEquals(line) ? null : line + " was read as " + parsed;
    } catch (IllegalArgumentException e) {
      return null;
    } catch (Throwable e) {
      return "the signature '" + line + "' threw " + e;
    }
  }
}
