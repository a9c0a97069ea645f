package dev.loopbridge.benchmark;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The machine itself, beside the figures of idle threads: two threads that park and unpark each
 * other, there and back, after a rest in which both sleep. On virtual processors this depends on
 * whether these were halted meanwhile.
 */
final class ParkedPair implements Arm, AutoCloseable {

  static final String NAME = "two threads, park and unpark";

  private final long restNanos;
  private final Thread other = new Thread(this::answer, "parked");
  private volatile Thread asking;
  private volatile boolean closed;
  private double[] latencies = new double[1024];
  private int count;

  ParkedPair(long restNanos) {
    this.restNanos = restNanos;
    other.setDaemon(true);
    other.start();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public long run(long nanos) {
    long end = System.nanoTime() + nanos;
    count = 0;
    long start;
    do {
      LockSupport.parkNanos(restNanos);
      start = System.nanoTime();
      asking = Thread.currentThread();
      LockSupport.unpark(other);
      while (asking != null) {
        LockSupport.park();
      }
      if (count == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * count);
      }
      latencies[count++] = System.nanoTime() - start;
    } while (start < end);
    return count;
  }

  private void answer() {
    while (!closed) {
      Thread waiting = asking;
      if (waiting == null) {
        LockSupport.park();
      } else {
        asking = null;
        LockSupport.unpark(waiting);
      }
    }
  }

  @Override
  public Map<String, Double> figures() {
    return Pump.quantiles(Arrays.copyOf(latencies, count));
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(other);
  }
}
