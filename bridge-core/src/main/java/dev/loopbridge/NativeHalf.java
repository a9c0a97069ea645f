package dev.loopbridge;

/**
 * The native half of one port, by what Java calls of it. Any thread.
 *
 * <p>The handle is a checked number (rule 7): a call that comes too late throws {@link
 * InvalidHandleException}. {@link PortLife#isReleased} says when none is to be made any more.
 */
final class NativeHalf {

  private final int library;

  /** Zero if there is none. Written once, before anybody else has the port. */
  private long handle;

  NativeHalf(int library) {
    this.library = library;
  }

  /** Opens it in the memory of these rings; {@code port} is sent its upcalls from then on. */
  void open(NativeRuntime runtime, Port port, RingMemory rings, int capacity) {
    int maxInFlight = runtime.maxInFlight();
    try {
      handle =
          Native.portOpen(
              library,
              runtime.handle(),
              port,
              rings.handle(),
              capacity,
              capacity,
              maxInFlight,
              runtime.maxPayloadBytes());
    } catch (OutOfMemoryError e) {
      throw RingMemory.refused(maxInFlight, rings.words().capacity(), e);
    }
  }

  int library() {
    return library;
  }

  long handle() {
    return handle;
  }

  /** Wakes the dispatcher, which has said in the doorbell word that it is parked. */
  void wakeDispatcher() {
    Native.portWake(library, handle);
  }

  /** Asks Rust for the upcall that brings a drain; false if there is no such port any more. */
  boolean requestWake() {
    return Native.portRequestWake(library, handle);
  }

  /** Gives a payload back. */
  void releasePayload(long ticket) {
    Native.payloadRelease(library, handle, ticket);
  }

  /** Ends it. Whoever {@link PortLife} orders to. */
  void close() {
    Native.portClose(library, handle);
  }
}
