package dev.loopbridge;

import dev.loopbridge.PortLife.Order;
import java.util.function.Supplier;

/**
 * Ends one port: settles what is left when its native half or its loop has ended, and closes the
 * native half when no slot is in use. Owner loop only, or what follows it; {@link PortLife} has the
 * states.
 */
final class PortEnd {

  /** So many drains, with pauses between them, find Rust idle before a place is known as lost. */
  private static final int LOOKS = 20;

  private final Port port;
  private final NativeRuntime runtime;
  private final OwnerLoop loop;
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

  private int looks;

  /** Of a port that is made but for its drain and its end. */
  PortEnd(Port port) {
    this.port = port;
    runtime = port.runtime();
    loop = port.loop();
    life = port.life;
    log = port.log;
    counters = port.counters;
    offers = port.offers;
    nativeHalf = port.nativeHalf;
    submissions = port.submissions;
    inbox = port.inbox;
    slots = port.slots;
    calls = port.calls;
    handlers = port.handlers;
    locals = port.locals;
    starter = port.starter;
  }

  /** The native half has ended, or the JVM goes down, and all that was published is read. */
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
          runtime.countCancelled(runtime.signature(slots.function(slot)));
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

  /** A slot is free again. */
  void slotFreed() {
    if (!life.isOpen()) {
      releaseWhenUnused();
    }
  }

  private void releaseWhenUnused() {
    if (slots.used() == 0 && life.unused() == Order.CLOSE) {
      endLocals();
      handlers.end(null); // nobody is left to drain what Rust lets go of
      submissions.publish(); // the dispatcher reads to the end before it goes
      if (inbox.isEmpty()) {
        offers.stopFollowing(); // else its drain does, for which the loop is still followed
      }
      nativeHalf.close();
      runtime.forget(port);
    }
  }

  /**
   * Frees the places that nobody will: Rust has no call left and no memory that was lent, and has
   * had time to publish what it had said before. One such place would keep the port for good.
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

  /** Drops what lives on this thread; the end of the thread itself does it if that comes first. */
  private void endLocals() {
    if (!life.isOrphaned()) {
      locals.end();
    }
  }

  /**
   * The loop has run its last task: fails its calls with {@link OwnerGoneException} and drops their
   * Rust futures (rule 2).
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
        calls.settleWith(slot, ownerGone());
      }
    }
    handlers.end(this::ownerGone);
    life.abandoned();
    releaseWhenUnused();
    if (awaited > 0) {
      counters.ownerGone(awaited);
      log.ownerGone(awaited);
    }
  }

  OwnerGoneException ownerGone() {
    return new OwnerGoneException(
        loop + " shut down before the native call settled on it; start calls on a loop that lives");
  }
}
