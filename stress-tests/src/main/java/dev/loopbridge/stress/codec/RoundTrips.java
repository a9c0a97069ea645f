package dev.loopbridge.stress.codec;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.PayloadTooLargeException;
import dev.loopbridge.RecordForge;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Sends values of every type, of sizes around every limit, to Rust and back. */
final class RoundTrips {

  static final long PATIENCE_SECONDS = 20;
  static final int MOST_PAYLOAD_BYTES = 1 << 18;

  private static final int AT_ONCE = 32;
  private static final int LARGEST_USUAL = 1 << 12;
  private static final int LARGE_ONE_IN = 64;
  private static final String[] LETTERS = {"a", "\0", "\u00e4", "\u20ac", "\ud83e\udd80", "\uffff"};

  private final Trial trial;
  private final NativeRuntime runtime;
  private final OwnerLoop loop;
  private final SplittableRandom random;
  private final JavaHandler<String, String> sameText =
      JavaHandler.of(String.class, String.class, text -> text);
  private final JavaHandler<byte[], byte[]> sameBytes =
      JavaHandler.of(byte[].class, byte[].class, bytes -> bytes);

  /** One value on its way. */
  private record Trip(String what, Object expected, CompletableFuture<?> back, ByteBuf lent) {}

  RoundTrips(Trial trial, NativeRuntime runtime, OwnerLoop loop, SplittableRandom random) {
    this.trial = trial;
    this.runtime = runtime;
    this.loop = loop;
    this.random = random;
  }

  /** Sends so many values, some at once; returns how many came back. */
  int run(int count, String scene) throws InterruptedException {
    int settled = 0;
    while (settled < count) {
      List<Trip> trips = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        trips.add(next());
      }
      long deadline = System.nanoTime() + SECONDS.toNanos(PATIENCE_SECONDS);
      for (Trip trip : trips) {
        Object actual;
        try {
          actual = trip.back.get(deadline - System.nanoTime(), NANOSECONDS);
        } catch (TimeoutException e) {
          trial.hangs(Invariant.I11, "never came back: " + trip.what, scene);
          return settled;
        } catch (ExecutionException e) {
          actual = e.getCause();
        }
        if (!same(trip.expected, actual)) {
          trial.violated(
              Invariant.I11,
              trip.what + ": sent " + text(trip.expected) + ", got " + text(actual),
              scene);
        }
        if (trip.lent != null) {
          trip.lent.release();
        }
        settled++;
      }
    }
    return settled;
  }

  /**
   * Returns whether the value is equal to the one that was sent; a refusal has to have the class.
   */
  static boolean same(Object expected, Object actual) {
    if (expected instanceof byte[] bytes) {
      return actual instanceof byte[] others && Arrays.equals(bytes, others);
    } else if (expected instanceof Double number) {
      return actual instanceof Double other
          && Double.doubleToRawLongBits(number) == Double.doubleToRawLongBits(other);
    } else if (expected instanceof Class<?> refusal) {
      return refusal.isInstance(actual);
    }
    return expected == null ? actual == null : expected.equals(actual);
  }

  private static String text(Object value) {
    if (value instanceof byte[] bytes) {
      return bytes.length + " bytes";
    } else if (value instanceof String text && text.length() > 40) {
      return "a text of " + text.length();
    }
    return String.valueOf(value);
  }

  private Trip next() {
    boolean none = random.nextInt(8) == 0;
    return switch (random.nextInt(19)) {
      case 0 -> trip("echo", byte[].class, byte[].class, bytes());
      case 1, 2 -> lent();
      case 3 -> text("echoString", none);
      case 4 -> trip("echoOptionalString", String.class, String.class, none ? null : text());
      case 5 -> trip("echoOptionalBytes", byte[].class, byte[].class, none ? null : bytes());
      case 6 -> trip("echoOptionalLong", Long.class, Long.class, none ? null : whole());
      case 7 -> trip("echoOptionalInt", Integer.class, Integer.class, none ? null : (int) whole());
      case 8 -> trip("echoOptionalDouble", Double.class, Double.class, none ? null : real());
      case 9 -> trip("echoOptionalBool", Boolean.class, Boolean.class, none ? null : flag());
      case 10 -> {
        String text = text();
        yield trip(
            "askText",
            String.class,
            text,
            new Class<?>[] {String.class, JavaHandler.class},
            text,
            sameText);
      }
      case 11 -> {
        byte[] bytes = bytes();
        yield trip(
            "askBytes",
            byte[].class,
            bytes.length > MOST_PAYLOAD_BYTES ? PayloadTooLargeException.class : bytes,
            new Class<?>[] {byte[].class, JavaHandler.class},
            bytes,
            sameBytes);
      }
      case 12 ->
          loop.hasOneThread()
              ? trip("localEcho", byte[].class, byte[].class, bytes())
              : trip("echo", byte[].class, byte[].class, bytes());
      case 13 -> {
        long a = whole();
        long b = whole();
        yield trip("add", Long.class, a + b, new Class<?>[] {long.class, long.class}, a, b);
      }
      case 14 -> {
        int a = (int) whole();
        int b = (int) whole();
        yield trip("addInt", Integer.class, a + b, new Class<?>[] {int.class, int.class}, a, b);
      }
      case 15 -> {
        double a = random.nextDouble();
        double b = random.nextDouble();
        yield trip(
            "addDouble", Double.class, a + b, new Class<?>[] {double.class, double.class}, a, b);
      }
      case 16 -> {
        boolean flag = flag();
        yield trip("not", Boolean.class, !flag, new Class<?>[] {boolean.class}, flag);
      }
      case 17 -> {
        int size = size(2 * MOST_PAYLOAD_BYTES);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
          bytes[i] = (byte) (i % 251);
        }
        Object expected = size > MOST_PAYLOAD_BYTES ? PayloadTooLargeException.class : bytes;
        yield trip("makeBytes", byte[].class, expected, new Class<?>[] {long.class}, (long) size);
      }
      default -> {
        byte[] bytes = bytes();
        long sum = 0;
        for (byte each : bytes) {
          sum += each & 0xff;
        }
        Object expected = bytes.length > MOST_PAYLOAD_BYTES ? PayloadTooLargeException.class : sum;
        yield trip("sumBytes", Long.class, expected, new Class<?>[] {byte[].class}, bytes);
      }
    };
  }

  private Trip trip(String function, Class<?> result, Class<?> argument, Object value) {
    boolean tooLarge = value instanceof byte[] bytes && bytes.length > MOST_PAYLOAD_BYTES;
    Object expected = tooLarge ? PayloadTooLargeException.class : value;
    return trip(function, result, expected, new Class<?>[] {argument}, value);
  }

  private Trip trip(
      String function, Class<?> result, Object expected, Class<?>[] classes, Object... values) {
    NativeFunction<?> found = runtime.function(function, result, classes);
    return new Trip(function, expected, found.call(values).toFuture(loop), null);
  }

  /** Sends a text, or chars that are no valid text. */
  private Trip text(String function, boolean broken) {
    String text = text();
    if (!broken) {
      return trip(function, String.class, String.class, text);
    }
    // Between letters, so that the surrogate has no other half.
    String alone = "x" + (char) (0xd800 + random.nextInt(0x800)) + "x";
    String none = random.nextBoolean() ? text + alone : alone + text;
    return trip(
        function,
        String.class,
        IllegalArgumentException.class,
        new Class<?>[] {String.class},
        none);
  }

  /** Sends bytes in a buffer of a random kind; Rust reads them in place or gets a copy. */
  private Trip lent() {
    byte[] bytes = bytes();
    ByteBuf buffer = buffer(bytes);
    NativeFunction<byte[]> echo = Fn.ECHO_LENT.in(runtime);
    Object expected = bytes.length > MOST_PAYLOAD_BYTES ? PayloadTooLargeException.class : bytes;
    return new Trip("echo of " + buffer, expected, echo.call(buffer).toFuture(loop), buffer);
  }

  private ByteBuf buffer(byte[] bytes) {
    int before = random.nextInt(4);
    switch (random.nextInt(6)) {
      case 0 -> {
        return Unpooled.wrappedBuffer(bytes);
      }
      case 1 -> {
        return Unpooled.directBuffer(before + bytes.length)
            .writeZero(before)
            .writeBytes(bytes)
            .skipBytes(before);
      }
      case 2 -> {
        return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes);
      }
      case 3 -> {
        int middle = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
        CompositeByteBuf parts = Unpooled.compositeBuffer();
        parts.addComponent(true, Unpooled.directBuffer().writeBytes(bytes, 0, middle));
        parts.addComponent(
            true, Unpooled.buffer().writeBytes(bytes, middle, bytes.length - middle));
        return parts;
      }
      case 4 -> {
        return Unpooled.directBuffer().writeBytes(bytes).asReadOnly();
      }
      default -> {
        return Unpooled.buffer(before + bytes.length)
            .writeZero(before)
            .writeBytes(bytes)
            .skipBytes(before);
      }
    }
  }

  private byte[] bytes() {
    byte[] bytes = new byte[size(MOST_PAYLOAD_BYTES + 1)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Returns a size around the inline limit or around a power of two. */
  private int size(int most) {
    int[] inline = RecordForge.INLINE_BYTES;
    int size =
        switch (random.nextInt(4)) {
          case 0 -> random.nextInt(4);
          case 1 -> inline[random.nextInt(inline.length)] - 8 + random.nextInt(12);
          case 2 -> (1 << random.nextInt(13)) - 1 + random.nextInt(3);
          default -> random.nextInt(LARGEST_USUAL);
        };
    if (random.nextInt(LARGE_ONE_IN) == 0) {
      size = MOST_PAYLOAD_BYTES - 1 + random.nextInt(3);
    }
    return Math.max(0, Math.min(size, most));
  }

  private String text() {
    int bytes = Math.min(size(1 << 14), LARGEST_USUAL);
    StringBuilder text = new StringBuilder();
    int kinds = 1 + random.nextInt(LETTERS.length);
    while (text.length() < bytes) {
      text.append(LETTERS[random.nextInt(kinds)]);
    }
    return text.toString();
  }

  private long whole() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> 1L << random.nextInt(64);
      case 2 -> random.nextInt(3) - 1;
      default -> random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE;
    };
  }

  private double real() {
    return random.nextInt(3) == 0
        ? Double.longBitsToDouble(whole())
        : random.nextDouble() * whole();
  }

  private boolean flag() {
    return random.nextBoolean();
  }
}
