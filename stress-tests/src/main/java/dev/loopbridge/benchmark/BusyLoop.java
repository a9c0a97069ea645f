package dev.loopbridge.benchmark;

import io.netty.channel.EventLoop;
import java.util.Map;

/** An arm on a loop that has other work all the time. */
final class BusyLoop implements Arm {

  private final Arm arm;
  private final EventLoop loop;
  private final long taskNanos;

  private volatile boolean busy;

  BusyLoop(Arm arm, EventLoop loop, long taskNanos) {
    this.arm = arm;
    this.loop = loop;
    this.taskNanos = taskNanos;
  }

  @Override
  public String name() {
    return arm.name();
  }

  @Override
  public void prepare() throws Exception {
    arm.prepare();
  }

  @Override
  public long run(long nanos) throws Exception {
    busy = true;
    loop.execute(this::work);
    try {
      return arm.run(nanos);
    } finally {
      busy = false;
    }
  }

  private void work() {
    long end = System.nanoTime() + taskNanos;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    if (busy) {
      loop.execute(this::work);
    }
  }

  @Override
  public Crossings crossings() {
    return arm.crossings();
  }

  @Override
  public Map<String, Double> figures() {
    return arm.figures();
  }
}
