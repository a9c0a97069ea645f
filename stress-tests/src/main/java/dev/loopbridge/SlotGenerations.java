package dev.loopbridge;

import java.lang.reflect.Field;
import java.util.Arrays;

/**
 * Opens the generations of a port's free slots to the suites, which cannot wait until they wrap.
 */
public final class SlotGenerations {

  private SlotGenerations() {}

  /** Gives all slots that exist, which must be free, this generation. Owner loop only. */
  public static void set(RawPort port, int generation) throws ReflectiveOperationException {
    Arrays.fill((int[]) field(SlotTable.class, "generations").get(slots(port)), generation);
  }

  /** The generation of the first slot. Owner loop only. */
  public static int first(RawPort port) throws ReflectiveOperationException {
    return slots(port).generation(0);
  }

  private static SlotTable slots(RawPort port) throws ReflectiveOperationException {
    return (SlotTable) field(Port.class, "slots").get(port.port);
  }

  private static Field field(Class<?> of, String name) throws ReflectiveOperationException {
    Field field = of.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
