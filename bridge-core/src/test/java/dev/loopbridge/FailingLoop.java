package dev.loopbridge;

import java.util.concurrent.atomic.AtomicInteger;

/** Takes tasks from other threads only; on the loop it throws what it was made with. */
final class FailingLoop implements OwnerLoop {

  private final OwnerLoop loop;
  private final Throwable failure;
  final AtomicInteger failures = new AtomicInteger();

  FailingLoop(OwnerLoop loop, Throwable failure) {
    this.loop = loop;
    this.failure = failure;
  }

  @Override
  public boolean inLoop() {
    return loop.inLoop();
  }

  @Override
  public void execute(Runnable task) {
    if (inLoop()) {
      failures.incrementAndGet();
      sneak(failure);
    }
    loop.execute(task);
  }

  @Override
  public boolean hasOneThread() {
    return loop.hasOneThread();
  }

  @SuppressWarnings("unchecked") // no cast is made: the type is erased
  private static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }

  @Override
  public Runnable onTermination(Runnable action) {
    return loop.onTermination(action);
  }

  @Override
  public String toString() {
    return "failing";
  }
}
