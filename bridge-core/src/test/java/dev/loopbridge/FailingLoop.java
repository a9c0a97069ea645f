package dev.loopbridge;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Takes tasks from other threads only; in a task of its own, {@code execute} throws the given
 * error.
 */
final class FailingLoop extends ForwardingLoop {

  private final Throwable failure;
  final AtomicInteger failures = new AtomicInteger();

  FailingLoop(OwnerLoop loop, Throwable failure) {
    super(loop);
    this.failure = failure;
  }

  @Override
  public void execute(Runnable task) {
    if (inLoop()) {
      failures.incrementAndGet();
      sneak(failure);
    }
    super.execute(task);
  }

  @SuppressWarnings("unchecked") // no cast is made: the type is erased
  private static <T extends Throwable> void sneak(Throwable failure) throws T {
    throw (T) failure;
  }

  @Override
  public String toString() {
    return "failing";
  }
}
