package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;

/**
 * The native half of one port: the downcalls that Java makes to it. Any thread.
 *
 * <p>The handle is a checked number (rule 7): a call that comes too late throws {@link
 * InvalidHandleException}. {@link PortLife#isReleased} returns whether no more calls are to be
 * made.
 */
final class NativeHalf {

  private static final Logger LOG = System.getLogger(NativeHalf.class.getName());

  private final int library;

  /** The handle; zero if there is none. Written once, before any other thread has the port. */
  private long handle;

  NativeHalf(int library) {
    this.library = library;
  }

  /** Opens it in the memory of these rings; {@code upcalls} gets its upcalls from then on. */
  void open(PortConfig config, PortUpcalls upcalls, RingMemory rings, int capacity) {
    int maxInFlight = config.maxInFlight();
    try {
      handle =
          Native.portOpen(
              library,
              config.runtime(),
              upcalls,
              rings.handle(),
              capacity,
              capacity,
              maxInFlight,
              config.maxPayloadBytes());
    } catch (OutOfMemoryError e) {
      throw RingMemory.refused(maxInFlight, rings.words().capacity(), e);
    }
  }

  long handle() {
    return handle;
  }

  /** Wakes the dispatcher, which has set PARKED in the doorbell word. */
  void wakeDispatcher() {
    Native.portWake(library, handle);
  }

  /** Requests the upcall that brings a drain; returns false if Rust has no such port any more. */
  boolean requestWake() {
    return Native.portRequestWake(library, handle);
  }

  /** Releases a payload. */
  void releasePayload(long ticket) {
    Native.payloadRelease(library, handle, ticket);
  }

  // The futures and objects that live on the port's loop: owner loop only.

  /**
   * Starts the loop-driven call that the direct record holds; returns what became of it.
   *
   * @param later whether its first poll is left to a turn of its own
   */
  int startLocal(boolean later) {
    return Native.localStart(library, handle, later);
  }

  /**
   * Starts a loop-driven call with a record of four words, and polls its future; returns what
   * became of it.
   */
  int callLocal(long head, long call, long first, long second) {
    return Native.localCall(library, handle, head, call, first, second);
  }

  /** Polls a loop-driven future; returns what became of it. */
  int pollLocal(int slot, int generation) {
    return Native.localPoll(library, handle, slot, generation);
  }

  /** Drops the future of a cancelled call; returns what became of it. */
  int cancelLocal(int slot, int generation) {
    return Native.localCancel(library, handle, slot, generation);
  }

  /** Drops all futures and objects of the loop's. */
  void endLocal() {
    Native.localEnd(library, handle);
  }

  /** Drops an object of Rust's that Java has closed. */
  void releaseLocal(int slot, int generation) {
    try {
      Native.localRelease(library, handle, slot, generation);
    } catch (InvalidHandleException | IllegalStateException e) {
      LOG.log(Level.DEBUG, "the object went with its loop", e);
    }
  }

  /** A view of a payload, valid until that is released. */
  ByteBuffer viewPayload(long ticket) {
    return Native.payloadView(library, handle, ticket);
  }

  /** Copies a payload and releases it. */
  byte[] takePayload(long ticket) {
    return Native.payloadTake(library, handle, ticket);
  }

  /** Closes the native half. Only the caller that {@link PortLife} orders to CLOSE. */
  void close() {
    Native.portClose(library, handle);
  }
}
