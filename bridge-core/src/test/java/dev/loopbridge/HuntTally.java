package dev.loopbridge;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts what happened in the programs of one {@link DeadlockHunt}. */
record HuntTally(
    AtomicInteger withdrawn,
    AtomicInteger waited,
    AtomicInteger refused,
    AtomicInteger askedWithinPoll,
    AtomicInteger objectsUsed) {

  HuntTally() {
    this(
        new AtomicInteger(),
        new AtomicInteger(),
        new AtomicInteger(),
        new AtomicInteger(),
        new AtomicInteger());
  }
}
