package dev.loopbridge;

/** Shows the suites which tasks of a loop are drains of a port. */
public final class DrainTasks {

  private final Port port;

  /** Those of one port. */
  public DrainTasks(RawPort port) {
    this.port = port.port;
  }

  /** Whether the task is one. */
  public boolean contains(Runnable task) {
    return port.isDrain(task);
  }
}
