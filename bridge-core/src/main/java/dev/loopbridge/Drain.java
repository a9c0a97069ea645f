package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Empties one port's completion ring and inbox: settles calls, runs handlers, polls loop-driven
 * futures, starts and cancels what other threads have left.
 *
 * <p>A drain is bounded in time and goes on behind the loop's other tasks (rule 6). Owner loop
 * only. When the loop has run its last task, the right to all that is "owner loop only" passes to
 * whoever enters {@link #drainOrphaned}, one at a time.
 */
final class Drain {

  /** So many outcomes, then as many calls started elsewhere: neither waits for all of the other. */
  private static final int BATCH = 64;

  /**
   * A loop that looks for outcomes lets this share of those in flight gather first, but not for
   * longer.
   */
  private static final int GATHERED_SHARE = 8;

  private static final long GATHERING_NANOS = 1_000;

  private final NativeRuntime runtime;
  private final PortLife life;
  private final PortEnd end;
  private final PortLog log;
  private final PortCounters counters;
  private final DrainWatch drainWatch;
  private final DrainOffers offers;
  private final Submitter submitter;
  private final ByteBuffer memory;
  private final CompletionRing completions;
  private final Inbox inbox;
  private final SlotTable slots;
  private final PendingCalls calls;
  private final Handlers handlers;
  private final LocalCalls locals;
  private final NativeResult result;
  private final Linger linger;
  private final AtomicInteger orphanDrains = new AtomicInteger();

  /** Steps for a later turn, linked as in an inbox. */
  private LoopStep later;

  /** Of a port that is made but for its drain and its end. */
  Drain(Port port, PortEnd end) {
    this.end = end;
    runtime = port.runtime();
    life = port.life;
    log = port.log;
    counters = port.counters;
    drainWatch = port.drainWatch;
    offers = port.offers;
    submitter = port.submitter;
    memory = port.memory;
    completions = port.completions;
    inbox = port.inbox;
    slots = port.slots;
    calls = port.calls;
    handlers = port.handlers;
    locals = port.locals;
    result = new NativeResult(port);
    linger = new Linger(runtime.lingerNanos(), runtime.drainBudgetNanos());
  }

  /**
   * Handles what waits, then goes idle or lingers.
   *
   * @param woken whether the loop has this turn for it alone
   */
  void drain(boolean woken) {
    if (life.isOrphaned()) {
      return;
    }
    drainWatch.begins();
    offers.draining = true;
    try {
      catchUp();
      long start = 0;
      boolean found = false;
      boolean closed;
      boolean more;
      do {
        for (int handled = firstBatch(); handled > 0; handled = nextBatch()) {
          found = true;
          if (handled >= BATCH) {
            long now = System.nanoTime();
            start = start == 0 ? now : start;
            if (now - start > runtime.drainBudgetNanos() && offers.putRest()) {
              return;
            }
          } else if (linger.isLooking()) {
            break; // to look at the next record while it is written would hold its writer up
          }
        }
        if (lookAgain(woken, found)) {
          return;
        }
        if (life.isReleased()) {
          offers.stopFollowing(); // before another drain may be due
        }
        closed = offers.idle();
        more = offers.hasMore(); // seed M1
      } while (more && offers.schedule());
      if (isBehind() && offers.schedule()) {
        offers.offerLater();
      }
      // Where more came and another drain is due for it, that one sees the end too.
      if (closed && !more) {
        end.drained(runtime::closedException);
      }
    } catch (Throwable e) {
      offers.offer(); // SCHEDULED is still set, so that nobody else would
      throw e;
    } finally {
      offers.draining = false;
      submitter.flush();
    }
  }

  /**
   * Lingers: leaves the wake word SCHEDULED and the drain queued behind the loop's other tasks, so
   * that an answer that comes soon needs no wake.
   */
  private boolean lookAgain(boolean woken, boolean found) {
    if (found || (woken && !linger.isLooking())) {
      counters.drain();
    }
    if (!mayLinger()) {
      linger.end();
      return false;
    }
    return linger.again(found) && offers.putRest();
  }

  /** Whether an answer may be near. */
  private boolean mayLinger() {
    return slots.used() > 0 && life.isOpen() && !runtime.isHalting();
  }

  /** Handles some of what waits for the loop; how much that was. */
  private int nextBatch() {
    int handled = 0;
    while (handled < BATCH && completions.isReady()) {
      result.load(memory, completions.offset());
      completions.advance();
      counters.completed(completions.consumed());
      outcome();
      handled++;
    }
    for (int calls = 0; calls < BATCH; calls++) {
      LoopStep step = inbox.poll();
      if (step == null) {
        break;
      }
      step.step();
      handled++;
    }
    return handled;
  }

  /** The same, but a look among many calls in flight lets some outcomes gather first. */
  private int firstBatch() {
    int some = Math.min(slots.used() / GATHERED_SHARE, BATCH / 2);
    if (some > 0
        && linger.isLooking()
        && !completions.isReady(some)
        && inbox.isEmpty()
        && !linger.hasWaited(GATHERING_NANOS)) {
      return 0;
    }
    return nextBatch();
  }

  private void outcome() {
    if (!result.isRequest()) {
      calls.settled(result);
      return;
    }
    try {
      requested();
    } finally {
      result.release();
    }
  }

  private void requested() {
    switch (result.outcome()) {
      case RecordLayout.INVOKE ->
          handlers.invoke(result, life.isOrphaned() ? end::ownerGone : null);
      case RecordLayout.POLL -> locals.poll(result.slot(), result.generation());
      case RecordLayout.WITHDRAW -> handlers.withdraw(result.invocation());
      default -> handlers.drop(result.slot(), result.generation());
    }
  }

  // What there was no stack or memory for when it was due.

  /** Leaves a step to a turn of its own. */
  void stepLater(LoopStep step) {
    if (Inbox.claim(step)) {
      step.next = later == null ? step : later; // the last is its own next
      later = step;
    }
    offers.catchUpLater();
  }

  private boolean isBehind() {
    return later != null || calls.isBehind() || handlers.isBehind() || locals.isBehind();
  }

  private void catchUp() {
    if (calls.isBehind()) {
      calls.catchUp();
    }
    if (handlers.isBehind()) {
      handlers.catchUp();
    }
    if (later != null) {
      stepsLeft();
    }
    if (locals.isBehind() && !life.isOrphaned()) {
      locals.catchUp();
    }
  }

  private void stepsLeft() {
    LoopStep left = later;
    later = null; // what is left again is for another turn
    while (left != null) {
      LoopStep step = left;
      left = step.next == step ? null : step.next;
      step.next = null;
      try {
        step.step();
      } catch (Throwable e) {
        log.callbackThrew(e); // and not at the cost of the others
      }
    }
  }

  /**
   * Takes the loop's place after its end, on any thread; whoever comes while another is inside
   * leaves the work to that one.
   */
  void drainOrphaned() {
    if (orphanDrains.getAndIncrement() != 0) {
      return;
    }
    try {
      int seen = 1;
      do {
        end.abandon();
        catchUp();
        boolean closed;
        boolean more;
        do {
          while (nextBatch() > 0) {}
          closed = offers.idle();
          more = offers.hasMore();
        } while (more && offers.schedule());
        submitter.flush();
        if (closed && !more) {
          end.drained(end::ownerGone);
        }
        seen = orphanDrains.addAndGet(-seen);
      } while (seen != 0);
    } catch (Throwable e) {
      orphanDrains.set(0); // whoever came meanwhile left the work to this one
      offers.offerLater();
      throw e;
    }
  }
}
