package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The memory that the two halves of a port share. Rust maps it; it takes pages as they are touched,
 * and none of it counts against {@code -XX:MaxDirectMemorySize}.
 *
 * <ol>
 *   <li>Its pages are given back to the system when the native half of the port is gone: after
 *       {@link Native#portClose}, when Rust's last call, waker and object of the port are too. No
 *       collector has to run for that.
 *   <li>Its addresses stay until no thread can reach {@link #words}. So a thread that comes late,
 *       with a call or a cancel for a port that has ended, touches nothing that is not there: it
 *       finds zeros, as in a port in which nothing waits and no drain is scheduled. The page that
 *       it writes to stays with the addresses.
 * </ol>
 *
 * @param words the block, in native byte order
 * @param handle how native methods name it
 */
record RingMemory(ByteBuffer words, long handle) {

  private static final Logger LOG = System.getLogger(RingMemory.class.getName());

  /** Guarded by the class. */
  private static @Nullable Cleaner cleaner;

  /**
   * Maps the rings and cells of a port.
   *
   * @throws NativeMemoryException if the system does not give the memory
   */
  static RingMemory map(int library, int maxInFlight, int capacity) {
    long bytes = RecordLayout.bytes(capacity, capacity) + Cells.bytes(maxInFlight);
    long[] handle = new long[1];
    ByteBuffer words;
    try {
      words = Native.memoryMap(library, bytes, handle).order(ByteOrder.nativeOrder());
    } catch (OutOfMemoryError e) {
      throw refused(maxInFlight, bytes, e);
    }
    unmapWithTheLastReference(library, words, handle[0]);
    return new RingMemory(words, handle[0]);
  }

  private static void unmapWithTheLastReference(int library, ByteBuffer words, long handle) {
    try {
      cleaner().register(words, () -> Native.memoryUnmap(library, handle));
    } catch (OutOfMemoryError e) {
      LOG.log(Level.DEBUG, "the addresses of a port stay, but not its memory", e);
    }
  }

  /** Makes the cleaner later than the class: if no thread starts, the class stays usable. */
  private static synchronized Cleaner cleaner() {
    if (cleaner == null) {
      cleaner = Cleaner.create();
    }
    return cleaner;
  }

  /** The exception for a port with this limit that got no memory. */
  static NativeMemoryException refused(int maxInFlight, long bytes, OutOfMemoryError error) {
    return new NativeMemoryException(
        "a port whose NativeRuntime.Builder.maxInFlight is "
            + maxInFlight
            + " needs "
            + bytes
            + " bytes of addresses for its rings, and got none ("
            + error.getMessage()
            + "); lower maxInFlight, use fewer event loops, or raise the limit on the addresses of"
            + " this process (ulimit -v)",
        error);
  }
}
