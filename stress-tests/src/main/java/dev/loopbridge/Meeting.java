package dev.loopbridge;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** The two actors of a sample wait here for one another, so that their next steps meet. */
final class Meeting {

  private static final int LONGEST_LEAD = 64;

  private final AtomicInteger arrived = new AtomicInteger();

  /** Waits for the other actor; returns at about the same time on both threads. */
  void arrive() {
    arrived.incrementAndGet();
    RaceGround.await(() -> arrived.get() >= 2);
  }

  /**
   * Waits as {@link #arrive} does, and then lets the other thread start some nanoseconds earlier.
   */
  void arriveLater() {
    arrive();
    for (int spins = ThreadLocalRandom.current().nextInt(LONGEST_LEAD); spins > 0; spins--) {
      Thread.onSpinWait();
    }
  }
}
