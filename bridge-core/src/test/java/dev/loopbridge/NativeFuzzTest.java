package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every native method throws an exception for any 64-bit value; the JVM survives and calls still
 * work.
 */
@Tag("slow")
class NativeFuzzTest {

  private static final int CALLS_PER_METHOD = 20_000;

  private static final Set<Class<?>> TYPED =
      Set.of(
          InvalidHandleException.class, IllegalArgumentException.class, NullPointerException.class);

  /** The methods that accept some of the forged values. */
  private static final Set<String> HARMLESS = Set.of("address", "memoryMap");

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final SplittableRandom random = new SplittableRandom(42);

  @AfterEach
  void closeAll() {
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  @Test
  void everyNativeMethodRefusesForgedValues() throws Exception {
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    Port port = runtime.on(loop);
    List<Method> natives = new ArrayList<>();
    for (Method method : Native.class.getDeclaredMethods()) {
      if (Modifier.isNative(method.getModifiers())) {
        natives.add(method);
      }
    }
    assertThat(natives).hasSizeGreaterThanOrEqualTo(13);
    Map<String, Integer> refused = new TreeMap<>();
    for (Method method : natives) {
      for (int i = 0; i < CALLS_PER_METHOD; i++) {
        if (isRefused(method, port)) {
          refused.merge(method.getName(), 1, Integer::sum);
        }
      }
    }
    for (Method method : natives) {
      int legal = HARMLESS.contains(method.getName()) ? CALLS_PER_METHOD / 2 : 0;
      assertThat(refused.getOrDefault(method.getName(), 0))
          .as(method.getName())
          .isGreaterThanOrEqualTo(CALLS_PER_METHOD - legal);
    }
    assertThat(add.call(20L, 22L).toFuture(loop).get(30, TimeUnit.SECONDS)).isEqualTo(42L);
  }

  private boolean isRefused(Method method, Port port) throws IllegalAccessException {
    Object[] arguments = new Object[method.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = forged(method.getParameterTypes()[i], port);
    }
    // The library number is valid half of the time where further arguments follow, so that the
    // native code looks at those too.
    if (arguments.length > 1 && random.nextBoolean()) {
      arguments[0] = runtime.ports.config().library();
      if (method.getName().equals("portOpen") && random.nextBoolean()) {
        arguments[1] = runtime.ports.config().runtime();
      }
    }
    try {
      method.invoke(null, arguments);
      // Inverted bits may name another runtime, which its test has closed: only the closed error is
      // right for that.
      return method.getName().equals("gateClose")
          && (long) arguments[1] != runtime.ports.config().runtime()
          && namesRuntime((int) arguments[0], (long) arguments[1]);
    } catch (InvocationTargetException e) {
      assertThat(TYPED)
          .as(method.getName() + " threw " + e.getCause())
          .contains(e.getCause().getClass());
      // The message has a reason, and no handle or address, since messages get into logs.
      assertThat(e.getCause()).hasMessageMatching("(?s).+").hasMessageNotContaining("0x");
      return true;
    }
  }

  private static boolean namesRuntime(int library, long handle) {
    try {
      Native.runtimeCounters(library, handle, new long[RustCounter.COUNT]);
      return true;
    } catch (InvalidHandleException e) {
      return false;
    }
  }

  private Object forged(Class<?> type, Port port) {
    if (type == long.class) {
      return forgedLong(port);
    } else if (type == int.class) {
      return switch (random.nextInt(4)) {
        case 0 -> Integer.MIN_VALUE;
        case 1 -> -1;
        case 2 -> Integer.MAX_VALUE;
        default -> random.nextInt() | 0x4000_0000;
      };
    } else if (type == ByteBuffer.class) {
      return switch (random.nextInt(4)) {
        case 0 -> null;
        case 1 -> ByteBuffer.allocate(64);
        case 2 -> ByteBuffer.allocateDirect(random.nextInt(200));
        default -> noise();
      };
    } else if (type == boolean.class) {
      return random.nextBoolean();
    } else if (type == PortUpcalls.class) {
      return random.nextBoolean() ? null : port;
    } else if (type == long[].class) {
      return random.nextBoolean() ? null : new long[random.nextInt(RustCounter.COUNT)];
    } else if (type == byte[].class) {
      return random.nextBoolean() ? null : new byte[random.nextInt(100)];
    } else if (type == String.class) {
      return random.nextBoolean() ? null : "forged";
    }
    throw new AssertionError("no forged values for " + type);
  }

  private ByteBuffer noise() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(256);
    while (buffer.remaining() >= 8) {
      buffer.putLong(random.nextLong());
    }
    return buffer.flip();
  }

  /** Random values, and real handles with one to four bits inverted. */
  private long forgedLong(Port port) {
    long value =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> -1;
          case 2 -> random.nextLong();
          case 3 -> runtime.ports.config().runtime();
          case 4 -> port.state.nativeHalf.handle();
          default -> random.nextInt(100);
        };
    if (value == runtime.ports.config().runtime() || value == port.state.nativeHalf.handle()) {
      int flips = 1 + random.nextInt(4);
      long flipped = value;
      while (flips-- > 0 || flipped == value) {
        flipped ^= 1L << random.nextInt(64);
      }
      return flipped;
    }
    return value;
  }
}
