package dev.loopbridge.stress.hostile;

import dev.loopbridge.NativeMethods;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import java.util.SplittableRandom;

/**
 * The handles of one library that one attacking thread has: valid ones, and ones that were valid.
 * Only that thread uses them; it is also the loop thread of its own port.
 */
final class Ground implements AutoCloseable {

  /** Records of each ring of an attacker's own ports. */
  static final int CAPACITY = 8;

  static final int MOST_PAYLOAD_BYTES = 1_000;

  private static final int REMEMBERED = 64;

  final int library;
  final long runtime;
  final long closedRuntime;

  /** The loop that gets the upcalls of the attacker's own ports. */
  final RawPort host;

  /** The ports of the neighbours, which the attacks must not affect. */
  final long[] neighbours;

  /** The ports whose loop-driven futures belong to another thread than the attacker's. */
  final long[] bound;

  final long port;

  /** Memory that no port uses. */
  final long memory;

  private final long goneMemory;

  private final long[] closedPorts = new long[REMEMBERED];
  private final long[] goneTickets = new long[REMEMBERED];
  private int ports;
  private int tickets;

  Ground(Neighbours beside, NativeRuntime closed, int library) {
    NativeRuntime open = beside.runtime();
    this.library = library;
    this.runtime = NativeMethods.handle(open);
    this.closedRuntime = NativeMethods.handle(closed);
    this.neighbours = beside.ports(beside.loops());
    this.bound = beside.ports(beside.bound());
    OwnerLoop first = beside.loops().get(0);
    this.host = RawPort.of(open, first);
    this.memory = NativeMethods.memoryMap(library, CAPACITY);
    this.goneMemory = NativeMethods.memoryMap(library, CAPACITY);
    NativeMethods.memoryUnmap(library, goneMemory);
    this.port = openPort();
    NativeMethods.localPoll(library, port, 0, 0); // makes this thread the port's loop thread
    for (int i = 0; i < REMEMBERED; i++) {
      closedPorts[i] = openPort();
      NativeMethods.portClose(library, closedPorts[i]);
      goneTickets[i] = NativeMethods.payloadGive(library, port, new byte[i]);
      NativeMethods.payloadRelease(library, port, goneTickets[i]);
    }
  }

  /** Opens one more port for the attacker; its memory has no Java half. */
  long openPort() {
    long its = NativeMethods.memoryMap(library, CAPACITY);
    try {
      return NativeMethods.portOpen(library, runtime, host, its, CAPACITY, MOST_PAYLOAD_BYTES);
    } finally {
      NativeMethods.memoryUnmap(library, its);
    }
  }

  void portClosed(long handle) {
    closedPorts[ports++ % REMEMBERED] = handle;
  }

  void ticketGone(long ticket) {
    goneTickets[tickets++ % REMEMBERED] = ticket;
  }

  long goneTicket(SplittableRandom random) {
    return goneTickets[random.nextInt(REMEMBERED)];
  }

  /** Returns a handle of a port or a payload that is not valid any more. */
  long gone(SplittableRandom random) {
    return random.nextBoolean() ? closedPorts[random.nextInt(REMEMBERED)] : goneTicket(random);
  }

  /** Returns a handle of a runtime or a port that stays valid as long as attacks run. */
  long lasting(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> runtime;
      case 1 -> closedRuntime;
      case 2 -> neighbours[random.nextInt(neighbours.length)];
      default -> port;
    };
  }

  /** Returns a handle of freed memory, or of another kind. */
  long notMemory(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> goneMemory;
      case 1 -> lasting(random);
      case 2 -> gone(random);
      default -> random.nextLong();
    };
  }

  boolean isPort(long value) {
    if (value == port) {
      return true;
    }
    for (long neighbour : neighbours) {
      if (value == neighbour) {
        return true;
      }
    }
    return false;
  }

  boolean isRuntime(long value) {
    return value == runtime || value == closedRuntime;
  }

  @Override
  public void close() {
    NativeMethods.localEnd(library, port);
    NativeMethods.portClose(library, port);
    NativeMethods.memoryUnmap(library, memory);
  }
}
