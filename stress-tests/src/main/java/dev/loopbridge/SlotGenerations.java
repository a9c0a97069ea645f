package dev.loopbridge;

import java.util.stream.IntStream;

/**
 * Opens the generations of a port's free slots to the suites, for which it would take too long to
 * wrap them.
 */
public final class SlotGenerations {

  private SlotGenerations() {}

  /** Gives all slots that exist, which must be free, this generation. Owner loop only. */
  public static void set(RawPort port, int generation) {
    port.port.state.slots.renumber(generation);
  }

  /** The generation of each slot. Owner loop only. */
  public static int[] all(RawPort port) {
    SlotTable slots = port.port.state.slots;
    return IntStream.range(0, slots.size()).map(slots::generation).toArray();
  }
}
