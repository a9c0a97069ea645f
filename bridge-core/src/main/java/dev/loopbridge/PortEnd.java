package dev.loopbridge;

import dev.loopbridge.PortLife.Order;
import java.util.function.Supplier;

/**
 * Ends one port: settles the calls that are left when its native half or its loop has ended, and
 * closes the native half when no slot is in use. {@link PortLife} has the states. Owner loop only,
 * or the thread that drains in its place after its end.
 */
final class PortEnd {

  /** A slot counts as lost after so many drains in a row, with pauses between, found Rust idle. */
  private static final int LOOKS = 20;

  private final PortState port;
  private final PortConfig config;
  private final RuntimeSide runtime;
  private final PortLife life;
  private final PortLog log;
  private final PortCounters counters;
  private final DrainOffers offers;
  private final NativeHalf nativeHalf;
  private final SubmissionRing submissions;
  private final Inbox inbox;
  private final SlotTable slots;
  private final PendingCalls calls;
  private final Handlers handlers;
  private final LocalCalls locals;
  private final Starter starter;

  /** The drains in a row that found Rust idle. */
  private int looks;

  PortEnd(
      PortState port,
      DrainOffers offers,
      PendingCalls calls,
      Handlers handlers,
      LocalCalls locals,
      Starter starter) {
    this.port = port;
    this.offers = offers;
    this.calls = calls;
    this.handlers = handlers;
    this.locals = locals;
    this.starter = starter;
    config = port.config;
    runtime = port.runtime;
    life = port.life;
    log = port.log;
    counters = port.counters;
    nativeHalf = port.nativeHalf;
    submissions = port.submissions;
    inbox = port.inbox;
    slots = port.slots;
  }

  /**
   * Settles the calls that are left. The native half has ended or the JVM shuts down, and all
   * records that were published have been read.
   */
  void drained(Supplier<LoopbridgeException> reason) {
    if (life.drained() == Order.SETTLE) {
      settleRest(reason);
    } else {
      lookForLost();
    }
  }

  private void settleRest(Supplier<LoopbridgeException> reason) {
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.isLive(slot)) {
        if (calls.isAwaited(slot)) {
          runtime.countCancelled(config.signature(slots.function(slot)));
        }
        calls.settleWith(slot, reason.get());
      }
    }
    life.ended();
    endLocals();
    try {
      handlers.end(null);
      submissions.forEachUnread(calls::freeUnread);
    } finally {
      releaseWhenUnused();
      lookForLost();
    }
  }

  /** Closes the native half of an ended port if no slot is in use. */
  void releaseWhenUnused() {
    if (slots.used() == 0 && life.unused() == Order.CLOSE) {
      endLocals();
      handlers.end(null); // no drain will read the records by which Rust drops its handlers
      submissions.publish(); // the dispatcher reads all records before it ends
      // With steps left, the drain that runs them stops following: until then the loop's end
      // matters.
      if (inbox.isEmpty()) {
        offers.stopFollowing();
      }
      nativeHalf.close();
      runtime.forget(port);
    }
  }

  /**
   * Frees the slots whose last record was lost. A slot counts as lost when Rust has no call and no
   * lent memory left and has had time to publish its records. One such slot would keep the port and
   * its memory for ever.
   */
  private void lookForLost() {
    if (life.isReleased() || !submissions.isClosed() || !runtime.isRustIdle()) {
      looks = 0;
    } else if (++looks < LOOKS) {
      offers.offerLater();
    } else {
      calls.freeLost();
      releaseWhenUnused();
      looks = 0;
    }
    if (looks == 0) {
      runtime.portEnded(port);
    }
  }

  /**
   * Drops the futures and objects of Rust's that live on the loop's thread. After the loop's end
   * this may be another thread, and the end of the loop's own thread drops them.
   */
  private void endLocals() {
    if (!life.isOrphaned()) {
      locals.end();
    }
  }

  /**
   * Fails the calls of a loop that has run its last task with {@link OwnerGoneException}, and drops
   * their Rust futures (rule 2).
   */
  void abandon() {
    if (life.isAbandoned()) {
      return;
    }
    locals.recover();
    int awaited = 0;
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.isLive(slot)) {
        starter.cancelNatively(slot);
        awaited += calls.isAwaited(slot) ? 1 : 0;
        calls.settleWith(slot, port.ownerGone());
      }
    }
    handlers.end(port::ownerGone);
    life.abandoned();
    releaseWhenUnused();
    if (awaited > 0) {
      counters.ownerGone(awaited);
      log.ownerGone(awaited);
    }
  }
}
