package dev.loopbridge;

/**
 * Opens the generations of a port's free slots to the suites, which cannot wait until they wrap.
 */
public final class SlotGenerations {

  private SlotGenerations() {}

  /** Gives all slots that exist, which must be free, this generation. Owner loop only. */
  public static void set(RawPort port, int generation) {
    port.port.slots.renumber(generation);
  }

  /** The generation of the first slot. Owner loop only. */
  public static int first(RawPort port) {
    return port.port.slots.generation(0);
  }
}
