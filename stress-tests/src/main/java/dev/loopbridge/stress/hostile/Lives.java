package dev.loopbridge.stress.hostile;

import dev.loopbridge.InvalidHandleException;
import dev.loopbridge.NativeMethods;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Runs the lives of ports and payloads from their start to a second end: a handle is valid until
 * its object's end and never after it, even if its place has another occupant.
 */
final class Lives {

  private static final Set<Class<?>> GONE = Set.of(InvalidHandleException.class);
  private static final Set<Class<?>> FINE = Set.of();

  static final int PORTS_A_ROUND = 64;

  private final SplittableRandom random;
  private final Ground on;
  private final Neighbours beside;

  /** The number of ports that stay open. */
  private final long others;

  /** The first fault. */
  private String fault;

  Lives(SplittableRandom random, Ground on, Neighbours beside) {
    this.random = random;
    this.on = on;
    this.beside = beside;
    this.others = beside.runtime().metrics().livePorts();
  }

  private interface Step {
    void run() throws Throwable;
  }

  private void expect(String what, Set<Class<?>> documented, Step step, long... given) {
    Throwable thrown = null;
    try {
      step.run();
    } catch (Throwable e) {
      thrown = e;
    }
    String wrong = Refusal.fault(thrown, documented, given);
    if (wrong != null && fault == null) {
      fault = what + ": " + wrong;
    }
  }

  /** Runs one payload's life; returns the fault found, or null. */
  String payload() {
    byte[] bytes = new byte[random.nextInt(200)];
    random.nextBytes(bytes);
    int library = on.library;
    long stale = on.goneTicket(random);
    long ticket = NativeMethods.payloadGive(library, on.port, bytes);
    expect("stale ticket", GONE, () -> NativeMethods.payloadTake(library, on.port, stale), stale);
    long neighbour = on.neighbours[random.nextInt(on.neighbours.length)];
    expect(
        "ticket of another port",
        GONE,
        () -> NativeMethods.payloadRelease(library, neighbour, ticket),
        ticket);
    expect(
        "ticket of another generation",
        GONE,
        () -> NativeMethods.payloadRelease(library, on.port, ticket ^ 1L << 32 + bytes.length % 32),
        ticket);
    expect(
        "what was given is no result",
        GONE,
        () -> NativeMethods.payloadView(library, on.port, ticket),
        ticket);
    boolean taken = random.nextBoolean();
    expect(
        "end of a payload",
        FINE,
        () -> {
          if (!taken) {
            NativeMethods.payloadRelease(library, on.port, ticket);
          } else if (!Arrays.equals(bytes, NativeMethods.payloadTake(library, on.port, ticket))) {
            throw new IllegalStateException("other bytes than were given");
          }
        });
    expect(
        "double free", GONE, () -> NativeMethods.payloadRelease(library, on.port, ticket), ticket);
    expect(
        "take after free", GONE, () -> NativeMethods.payloadTake(library, on.port, ticket), ticket);
    on.ticketGone(ticket);
    return fault;
  }

  /** Runs some ports' lives; returns the fault found, or null. */
  String ports() {
    long[] handles = new long[PORTS_A_ROUND];
    int library = on.library;
    for (int i = 0; i < handles.length; i++) {
      long handle = on.openPort();
      handles[i] = handle;
      long ticket = NativeMethods.payloadGive(library, handle, new byte[i]);
      expect("a port", FINE, () -> NativeMethods.portWake(library, handle));
      expect(
          "a ticket of another port",
          GONE,
          () -> NativeMethods.payloadRelease(library, on.port, ticket),
          ticket);
      expect("a payload", FINE, () -> NativeMethods.payloadRelease(library, handle, ticket));
      if (i > 0) {
        // The port may have the place of the port before, or of any other one.
        long before = handles[random.nextInt(i)];
        expect("a port that was", GONE, () -> NativeMethods.portWake(library, before), before);
      }
      expect("close", FINE, () -> NativeMethods.portClose(library, handle));
      expect("close again", GONE, () -> NativeMethods.portClose(library, handle), handle);
      on.portClosed(handle);
    }
    if (!Neighbours.within(() -> beside.runtime().metrics().livePorts() <= others)) {
      fault = "closed ports are still there: " + beside.runtime().metrics();
    }
    return fault;
  }
}
