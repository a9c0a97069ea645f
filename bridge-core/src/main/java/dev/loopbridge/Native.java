package dev.loopbridge;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The only class with native methods. They belong to the first library loaded through this class;
 * each takes the number of the library it is for and dispatches through that library's own function
 * table. All reject any value they did not hand out themselves with {@link InvalidHandleException}.
 */
final class Native {

  /**
   * The table that the library being loaded offered, until {@link NativeLibrary} takes it; guarded
   * by that class.
   */
  private static @Nullable ByteBuffer offered;

  private static boolean bound;

  private Native() {}

  /**
   * Called by the library's {@code JNI_OnLoad} on the thread that loads it.
   *
   * @param table the library's header and function table; a buffer, so that no integer can forge
   *     one
   * @return whether the library shall bind its functions to this class's native methods
   */
  static boolean offer(@Nullable ByteBuffer table) {
    offered = table;
    boolean bind = !bound && LibraryTable.isUsable(table);
    bound |= bind;
    return bind;
  }

  /** Takes what was offered during the last load; null if the file was none of ours. */
  static @Nullable ByteBuffer takeOffer() {
    ByteBuffer table = offered;
    offered = null;
    return table;
  }

  /** Makes a library's table known to the bound one; returns its number. */
  static native int install(ByteBuffer table);

  /**
   * One line for each function, its id being the line's number: {@code async add(i64,i64)->i64}.
   */
  static native byte[] describe(int library);

  static native long runtimeOpen(
      int library, int workerThreads, int blockingThreads, long lingerNanos, String threadName);

  /** Blocks for up to the timeout; drops every task, then marks every port closed and wakes it. */
  static native int runtimeShutdown(int library, long runtime, long timeoutMillis);

  /**
   * Reads a runtime's counters.
   *
   * @param into the {@link RustCounter}s in their order
   */
  static native void runtimeCounters(int library, long runtime, long[] into);

  /**
   * Maps zeroed memory, which takes pages as they are touched.
   *
   * @param into its first element is set to the handle by which the memory is named
   * @return a view of it, valid until {@link #memoryUnmap}
   * @throws OutOfMemoryError with the system's reason
   */
  static native ByteBuffer memoryMap(int library, long bytes, long[] into);

  /** Unmaps memory that no Java thread can touch any more, once no port uses it. */
  static native void memoryUnmap(int library, long memory);

  static native long portOpen(
      int library,
      long runtime,
      PortUpcalls port,
      long memory,
      int submissionCapacity,
      int completionCapacity,
      int slots,
      long maxPayloadBytes);

  /** Wakes a parked dispatcher. */
  static native void portWake(int library, long port);

  /**
   * Has the dispatcher call {@link PortUpcalls#wake()} until that succeeds. Needs no memory of
   * Java's.
   *
   * @return false if there is no dispatcher any more
   */
  static native boolean portRequestWake(int library, long port);

  /** Ends Java's use of the port; it is freed when its payloads and leases are released. */
  static native void portClose(int library, long port);

  /** A view of native memory, valid until the payload is released. */
  static native ByteBuffer payloadView(int library, long port, long ticket);

  /** Copies a payload and releases it. */
  static native byte[] payloadTake(int library, long port, long ticket);

  static native void payloadRelease(int library, long port, long ticket);

  /** Copies bytes for an answer into native memory; returns their ticket. */
  static native long payloadGive(int library, long port, byte[] bytes);

  /** Gives up an object of Rust's that all loops may use. Waits for nothing. */
  static native void objectClose(int library, long runtime, long ticket);

  /**
   * Gives such an object with the next record of the port that names it, so that it may be closed
   * before Rust reads the record.
   *
   * @return the ticket by which the record names the object
   */
  static native long objectGive(int library, long port, long ticket);

  /** Takes back an object that was given with a record which is not submitted. */
  static native void objectTakeBack(int library, long port, long given);

  /**
   * Starts the loop-driven call in the direct record; returns what became of it. Owner loop only,
   * as all that follow with "local" in their names.
   *
   * @param later whether the first poll waits for {@link #localPoll}
   */
  static native int localStart(int library, long port, boolean later);

  /**
   * Starts a loop-driven call whose record is these four words, and polls its future; returns what
   * became of it.
   */
  static native int localCall(
      int library, long port, long head, long call, long first, long second);

  /** Polls a loop-driven future; returns what became of it. */
  static native int localPoll(int library, long port, int slot, int generation);

  /** Drops a loop-driven future; returns what became of it. */
  static native int localCancel(int library, long port, int slot, int generation);

  /** Drops an object of Rust's. */
  static native void localRelease(int library, long port, int slot, int generation);

  /** Drops all that the port has on this thread. */
  static native void localEnd(int library, long port);

  /**
   * Lets another thread that is ready to run have this thread's core. Tools that look for blocking
   * calls report {@link Thread#yield()} on a loop, but not this.
   */
  static native void yieldCore(int library);

  static native long address(int library, ByteBuffer direct);

  /**
   * After this returns no upcall for the runtime starts; waits for a bounded time for those under
   * way.
   */
  static native void gateClose(int library, long runtime);
}
