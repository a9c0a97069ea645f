package dev.loopbridge;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Opens the native methods and the numbers that they return to the suites that misuse both. */
public final class NativeMethods {

  /** The length of the array that {@code runtimeCounters} fills. */
  public static final int COUNTERS = RustCounter.COUNT;

  private static final int HEADER_BYTES_CHECKED = 20;

  private NativeMethods() {}

  /** Returns all native methods, sorted by name. */
  public static List<Method> all() {
    return Arrays.stream(Native.class.getDeclaredMethods())
        .filter(method -> Modifier.isNative(method.getModifiers()))
        .peek(method -> method.setAccessible(true))
        .sorted(Comparator.comparing(Method::getName))
        .toList();
  }

  public static int number(NativeLibrary library) {
    return library.number();
  }

  public static long handle(NativeRuntime runtime) {
    return runtime.ports.config().runtime();
  }

  public static long handle(RawPort port) {
    return port.port.state.nativeHalf.handle();
  }

  /** Maps the memory of a port with rings of this capacity; returns its handle. */
  public static long memoryMap(int library, int capacity) {
    long[] handle = new long[1];
    Native.memoryMap(library, RecordLayout.bytes(capacity, capacity), handle);
    return handle[0];
  }

  public static void memoryUnmap(int library, long memory) {
    Native.memoryUnmap(library, memory);
  }

  public static long portOpen(
      int library, long runtime, RawPort port, long memory, int capacity, int maxPayloadBytes) {
    return Native.portOpen(
        library, runtime, port.port, memory, capacity, capacity, capacity / 2, maxPayloadBytes);
  }

  /** Returns the argument of {@link Native#portOpen} for this port. */
  public static Object argument(RawPort port) {
    return port.port;
  }

  public static void portWake(int library, long port) {
    Native.portWake(library, port);
  }

  public static void portClose(int library, long port) {
    Native.portClose(library, port);
  }

  public static ByteBuffer payloadView(int library, long port, long ticket) {
    return Native.payloadView(library, port, ticket);
  }

  public static byte[] payloadTake(int library, long port, long ticket) {
    return Native.payloadTake(library, port, ticket);
  }

  public static void payloadRelease(int library, long port, long ticket) {
    Native.payloadRelease(library, port, ticket);
  }

  public static long payloadGive(int library, long port, byte[] bytes) {
    return Native.payloadGive(library, port, bytes);
  }

  public static int localPoll(int library, long port, int slot, int generation) {
    return Native.localPoll(library, port, slot, generation);
  }

  public static void localEnd(int library, long port) {
    Native.localEnd(library, port);
  }

  /** Returns the exception that the native methods throw for an invalid handle. */
  public static InvalidHandleException invalid(String message) {
    return new InvalidHandleException(message);
  }

  /** Returns a library's table with one wrong bit among the bits that are compared. */
  public static ByteBuffer almostATable(int flippedBit) {
    ByteBuffer table = ByteBuffer.allocateDirect(1024).order(ByteOrder.LITTLE_ENDIAN);
    table.put(0, "LOOPBRDG".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    table.putLong(8, RecordLayout.fingerprint());
    int functions = all().size() - 1; // all but the one that takes the table
    table.putInt(16, 64 + 8 * functions);
    int bit = Math.floorMod(flippedBit, HEADER_BYTES_CHECKED * 8);
    table.put(bit / 8, (byte) (table.get(bit / 8) ^ 1 << bit % 8));
    return table;
  }
}
