package dev.loopbridge;

/** Shows the suites which tasks of a loop are drains of a port. */
public final class DrainTasks {

  private final Port port;

  /** Makes the set of one port's drains. */
  public DrainTasks(RawPort port) {
    this.port = port.port;
  }

  /** Returns whether the task is a drain. */
  public boolean contains(Runnable task) {
    return port.isDrain(task);
  }
}
