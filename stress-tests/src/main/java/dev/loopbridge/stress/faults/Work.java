package dev.loopbridge.stress.faults;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallHandle;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** Calls of every kind there is, each with what must come of it. */
enum Work {
  ADD {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      long a = random.nextLong();
      NativeCall<Long> call =
          scene.runtime().function("add", Long.class, long.class, long.class).call(a, 1L);
      return scene.start(call, loop, told("add", value -> value.equals(a + 1)));
    }
  },
  YIELD {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      long times = random.nextInt(1, 4);
      NativeCall<Long> call =
          scene.runtime().function("yieldTimes", Long.class, long.class).call(times);
      return scene.start(call, loop, told("yieldTimes", value -> value.equals(times)));
    }
  },
  BUFFER {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      int size = random.nextInt(1, 4_000);
      NativeCall<ByteBuf> call =
          scene.runtime().function("makeBytes", ByteBuf.class, long.class).call((long) size);
      return scene.start(
          call,
          loop,
          told("makeBytes", value -> value instanceof ByteBuf buffer && counts(buffer, size)));
    }
  },
  ARRAY {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      byte[] bytes = new byte[random.nextInt(1, 4_000)];
      random.nextBytes(bytes);
      NativeCall<byte[]> call =
          scene.runtime().function("echo", byte[].class, byte[].class).call((Object) bytes);
      return scene.start(
          call,
          loop,
          told("echo", value -> value instanceof byte[] array && Arrays.equals(array, bytes)));
    }
  },
  LENT {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      byte[] bytes = new byte[random.nextInt(1, 20_000)];
      random.nextBytes(bytes);
      long sum = 0;
      for (byte each : bytes) {
        sum += each & 0xff;
      }
      long right = sum;
      ByteBuf buffer = Unpooled.directBuffer(bytes.length).writeBytes(bytes);
      try {
        NativeCall<Long> call =
            scene.runtime().function("sumBytes", Long.class, ByteBuf.class).call(buffer);
        return scene.start(call, loop, told("sumBytes", value -> value.equals(right)));
      } finally {
        buffer.release();
      }
    }
  },
  FAIL {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      String text = "as planned ".repeat(random.nextInt(1, 30));
      NativeCall<Void> call =
          scene.runtime().function("fail", Void.class, String.class, int.class).call(text, 1);
      return scene.start(
          call,
          loop,
          new Told(
              "fail",
              value -> false,
              error -> error instanceof NativeException && error.getMessage().contains(text)));
    }
  },
  PANIC {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      String name = random.nextBoolean() ? "panic" : "panicAfterYield";
      NativeCall<Void> call =
          scene.runtime().function(name, Void.class, String.class).call("as planned");
      return scene.start(
          call, loop, new Told(name, value -> false, error -> error instanceof NativePanicError));
    }
  },
  BLOCKING {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      NativeCall<Void> call =
          scene
              .runtime()
              .function("burnBlocking", Void.class, long.class)
              .call((long) random.nextInt(50));
      return scene.start(
          call, loop, new Told("burnBlocking", value -> value == null, error -> false));
    }
  },
  ASK {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      JavaHandler<Long, Long> twice = JavaHandler.of(Long.class, Long.class, number -> number * 2);
      NativeCall<Long> call =
          scene
              .runtime()
              .function("ask", Long.class, long.class, JavaHandler.class)
              .call(21L, twice);
      return scene.start(call, loop, told("ask", value -> value.equals(42L)));
    }
  },
  ASK_BYTES {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      byte[] bytes = new byte[random.nextInt(1, 2_000)];
      random.nextBytes(bytes);
      JavaHandler<byte[], byte[]> same = JavaHandler.of(byte[].class, byte[].class, given -> given);
      NativeCall<byte[]> call =
          scene
              .runtime()
              .function("askBytes", byte[].class, byte[].class, JavaHandler.class)
              .call(bytes, same);
      return scene.start(
          call,
          loop,
          told("askBytes", value -> value instanceof byte[] array && Arrays.equals(array, bytes)));
    }
  },
  CANCEL {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      NativeCall<Void> call = scene.runtime().function("never", Void.class).call();
      Told told = new Told("never", value -> false, error -> false);
      CallHandle handle = scene.startOrNull(call, loop, told);
      if (handle != null && handle.cancel()) {
        told.cancelled();
      }
      return told;
    }
  },
  DROP {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      NativeCall<Void> call =
          scene
              .runtime()
              .function("panicInDropPending", Void.class, String.class)
              .call("as planned");
      Told told = new Told("panicInDropPending", value -> false, error -> false);
      CallHandle handle = scene.startOrNull(call, loop, told);
      if (handle != null && handle.cancel()) {
        told.cancelled();
      }
      return told;
    }
  },
  LOCAL {
    @Override
    Told start(Scene scene, OwnerLoop loop, SplittableRandom random) {
      if (!loop.hasOneThread()) {
        return ADD.start(scene, loop, random);
      }
      long times = random.nextInt(3);
      NativeCall<Long> call =
          scene.runtime().function("localYieldTimes", Long.class, long.class).call(times);
      return scene.start(call, loop, told("localYieldTimes", value -> value.equals(times)));
    }
  };

  private static final List<Work> ALL = List.of(values());

  /** Starts one. */
  abstract Told start(Scene scene, OwnerLoop loop, SplittableRandom random);

  /** One of them. */
  static Work any(SplittableRandom random) {
    return ALL.get(random.nextInt(ALL.size()));
  }

  private static Told told(String name, Predicate<Object> rightValue) {
    return new Told(name, rightValue, error -> false);
  }

  private static boolean counts(ByteBuf buffer, int size) {
    boolean right = buffer.readableBytes() == size;
    for (int at = 0; right && at < size; at++) {
      right = buffer.getUnsignedByte(at) == at % 251;
    }
    return right;
  }
}
