package dev.loopbridge;

import java.lang.reflect.Field;

/** Tells the suites which tasks of a loop are drains of a port. */
public final class DrainTasks {

  private final Object drain;
  private final Object flushAndDrain;

  /** Those of one port. */
  public DrainTasks(RawPort port) throws ReflectiveOperationException {
    drain = field(port.port, "drainTask");
    flushAndDrain = field(port.port, "flushAndDrainTask");
  }

  /** Whether the task is one. */
  public boolean contains(Runnable task) {
    return task == drain || task == flushAndDrain;
  }

  private static Object field(Port port, String name) throws ReflectiveOperationException {
    Field field = Port.class.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(port);
  }
}
