package dev.loopbridge;

import java.util.stream.IntStream;

/**
 * Opens the generations of a port's free slots to the suites: a suite that wrapped them by calls
 * would take too long.
 */
public final class SlotGenerations {

  private SlotGenerations() {}

  /** Sets the generation of all slots that exist; all must be free. Owner loop only. */
  public static void set(RawPort port, int generation) {
    port.port.state.slots.renumber(generation);
  }

  /** Returns the generation of each slot. Owner loop only. */
  public static int[] all(RawPort port) {
    SlotTable slots = port.port.state.slots;
    return IntStream.range(0, slots.size()).map(slots::generation).toArray();
  }
}
