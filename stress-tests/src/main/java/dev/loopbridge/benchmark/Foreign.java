package dev.loopbridge.benchmark;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;

/**
 * The native function by {@code java.lang.foreign}, reached by reflection: this module is compiled
 * for JDK 17, which does not have it.
 */
final class Foreign {

  static final int FIRST_JDK = 22;

  /** Of type (long)long, and constant, so that the JVM compiles the call into its caller. */
  private static final MethodHandle FIB = handle();

  private Foreign() {}

  static long fib(long index) throws Throwable {
    return (long) FIB.invokeExact(index);
  }

  private static MethodHandle handle() {
    try {
      Class<?> linker = Class.forName("java.lang.foreign.Linker");
      Class<?> option = Class.forName("java.lang.foreign.Linker$Option");
      Class<?> segment = Class.forName("java.lang.foreign.MemorySegment");
      Class<?> layout = Class.forName("java.lang.foreign.MemoryLayout");
      Class<?> layouts = Class.forName("java.lang.foreign.ValueLayout");
      Class<?> descriptor = Class.forName("java.lang.foreign.FunctionDescriptor");
      Object number = layouts.getField("JAVA_LONG").get(null);
      Object parameters = Array.newInstance(layout, 1);
      Array.set(parameters, 0, number);
      Object types =
          descriptor
              .getMethod("of", layout, parameters.getClass())
              .invoke(null, number, parameters);
      Object address =
          segment.getMethod("ofAddress", long.class).invoke(null, HandWritten.fibAddress());
      Object options = Array.newInstance(option, 0);
      Object system = linker.getMethod("nativeLinker").invoke(null);
      return (MethodHandle)
          linker
              .getMethod("downcallHandle", segment, descriptor, options.getClass())
              .invoke(system, address, types, options);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("java.lang.foreign cannot reach the function", e);
    }
  }
}
