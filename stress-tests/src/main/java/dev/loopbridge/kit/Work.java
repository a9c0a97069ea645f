package dev.loopbridge.kit;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.SplittableRandom;

/** Makes calls of every kind, each with the outcome it must have; the arguments are random. */
public enum Work {
  ADD(
      (runtime, loop, random) -> {
        long a = random.nextLong();
        return Known.equal(Fn.ADD.call(runtime, a, 1L), a + 1);
      }),
  YIELD(
      (runtime, loop, random) -> {
        long times = random.nextInt(1, 4);
        return Known.equal(Fn.YIELD_TIMES.call(runtime, times), times);
      }),
  BUFFER(
      (runtime, loop, random) -> {
        int size = random.nextInt(1, 4_000);
        return Known.value(
            Fn.MAKE_BUFFER.call(runtime, (long) size),
            value -> value instanceof ByteBuf buffer && counts(buffer, size));
      }),
  ARRAY(
      (runtime, loop, random) -> {
        byte[] bytes = bytes(random, 4_000);
        return Known.equal(Fn.ECHO.call(runtime, (Object) bytes), bytes);
      }),
  LENT(
      (runtime, loop, random) -> {
        byte[] bytes = bytes(random, 20_000);
        long sum = 0;
        for (byte each : bytes) {
          sum += each & 0xff;
        }
        ByteBuf buffer = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
        return Known.equal(Fn.SUM_BYTES.call(runtime, buffer), sum).lending(buffer);
      }),
  FAIL(
      (runtime, loop, random) -> {
        String text = "as planned ".repeat(random.nextInt(1, 30));
        return Known.fails(Fn.FAIL.call(runtime, text, 1), text);
      }),
  PANIC(
      (runtime, loop, random) ->
          Known.panics(
              (random.nextBoolean() ? Fn.PANIC : Fn.PANIC_AFTER_YIELD)
                  .call(runtime, "as planned"))),
  BLOCKING(
      (runtime, loop, random) ->
          Known.equal(Fn.BURN_BLOCKING.call(runtime, (long) random.nextInt(50)), null)),
  ASK((runtime, loop, random) -> Known.equal(Fn.ASK.call(runtime, 21L, twice()), 42L)),
  ASK_BYTES(
      (runtime, loop, random) -> {
        byte[] bytes = bytes(random, 2_000);
        JavaHandler<byte[], byte[]> same =
            JavaHandler.of(byte[].class, byte[].class, given -> given);
        return Known.equal(Fn.ASK_BYTES.call(runtime, bytes, same), bytes);
      }),
  CANCEL((runtime, loop, random) -> Known.endless(Fn.NEVER.call(runtime))),
  DROP(
      (runtime, loop, random) ->
          Known.endless(Fn.PANIC_IN_DROP_PENDING.call(runtime, "as planned"))),
  LOCAL(
      (runtime, loop, random) -> {
        if (!loop.hasOneThread()) {
          return ADD.make(runtime, loop, random);
        }
        long times = random.nextInt(3);
        return Known.equal(Fn.LOCAL_YIELD_TIMES.call(runtime, times), times);
      }),
  LOCAL_FAIL(
      (runtime, loop, random) -> {
        String text = "as planned ".repeat(random.nextInt(1, 30));
        return Known.fails(
            (loop.hasOneThread() ? Fn.LOCAL_FAIL : Fn.FAIL).call(runtime, text, 1), text);
      }),

  // The kinds from here on are not for a single call that must meet a fault.
  LOCAL_ADD(
      (runtime, loop, random) -> {
        if (!loop.hasOneThread()) {
          return ADD.make(runtime, loop, random);
        }
        long a = random.nextLong();
        return Known.equal(Fn.LOCAL_ADD.call(runtime, a, 1L), a + 1);
      }),
  LOCAL_ASK(
      (runtime, loop, random) ->
          Known.equal(
              (loop.hasOneThread() ? Fn.LOCAL_ASK : Fn.ASK).call(runtime, 21L, twice()), 42L)),
  STRING(
      (runtime, loop, random) -> {
        String text = "\u00e4\ud83e\udd80".repeat(random.nextInt(1, 1_000));
        return Known.equal(Fn.ECHO_STRING.call(runtime, text), text);
      }),
  ASK_NESTED(
      (runtime, loop, random) -> Known.equal(Fn.ASK_NESTED.call(runtime, 21L, twice()), 42L)),
  ASK_IN_TURN(
      (runtime, loop, random) -> Known.equal(Fn.ASK_IN_TURN.call(runtime, 5L, twice()), 20L)),
  SLEEP((runtime, loop, random) -> Known.equal(Fn.SLEEP.call(runtime, 1L), null)),
  HEAVY((runtime, loop, random) -> Known.equal(Fn.BURN_HEAVY.call(runtime, 1L), null)),
  OBJECT(
      (runtime, loop, random) ->
          Known.equal(Fn.ASK.call(runtime, 21L, tallied(runtime, loop)), 21L));

  private static final List<Work> ALL = List.of(values());

  /** The kinds whose calls can meet each fault of a library. */
  public static final List<Work> PLAIN = ALL.subList(0, LOCAL_ADD.ordinal());

  private interface Maker {
    Known<?> make(NativeRuntime runtime, OwnerLoop loop, SplittableRandom random);
  }

  private final Maker maker;

  Work(Maker maker) {
    this.maker = maker;
  }

  /** Returns a call of this kind, to be started on the loop. */
  public Known<?> make(NativeRuntime runtime, OwnerLoop loop, SplittableRandom random) {
    return maker.make(runtime, loop, random);
  }

  /** Returns a random kind of {@link #PLAIN}. */
  public static Work plain(SplittableRandom random) {
    return PLAIN.get(random.nextInt(PLAIN.size()));
  }

  /** Returns a random kind. */
  public static Work any(SplittableRandom random) {
    return ALL.get(random.nextInt(ALL.size()));
  }

  private static JavaHandler<Long, Long> twice() {
    return JavaHandler.of(Long.class, Long.class, number -> number * 2);
  }

  /** A handler that answers with a call on a new object, which it closes right behind the call. */
  private static JavaHandler<Long, Long> tallied(NativeRuntime runtime, OwnerLoop loop) {
    return JavaHandler.answering(
        Long.class,
        Long.class,
        (number, answer) -> {
          Fn.OPEN_TALLY
              .call(runtime, 0L)
              .toFuture(loop)
              .whenComplete(
                  (object, error) -> {
                    if (error != null) {
                      answer.error(error);
                      return;
                    }
                    try (object) {
                      answer.call(Fn.TALLY.call(runtime, object, number));
                    } catch (RuntimeException | Error e) {
                      answer.error(e);
                    }
                  });
          return null;
        });
  }

  private static byte[] bytes(SplittableRandom random, int most) {
    byte[] bytes = new byte[random.nextInt(1, most)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static boolean counts(ByteBuf buffer, int size) {
    boolean right = buffer.readableBytes() == size;
    for (int at = 0; right && at < size; at++) {
      right = buffer.getUnsignedByte(at) == at % 251;
    }
    return right;
  }
}
