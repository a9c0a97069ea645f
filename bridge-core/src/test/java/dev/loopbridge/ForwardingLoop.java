package dev.loopbridge;

/** Forwards to another loop; a test or a suite overrides what it needs to change. */
public abstract class ForwardingLoop implements OwnerLoop {

  private final OwnerLoop loop;

  /** Forwards to a loop. */
  protected ForwardingLoop(OwnerLoop loop) {
    this.loop = loop;
  }

  @Override
  public boolean inLoop() {
    return loop.inLoop();
  }

  @Override
  public void execute(Runnable task) {
    loop.execute(task);
  }

  @Override
  public boolean hasOneThread() {
    return loop.hasOneThread();
  }

  @Override
  public Runnable onTermination(Runnable action) {
    return loop.onTermination(action);
  }
}
