package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Empties one port's completion ring and inbox. It settles calls, runs handlers, polls loop-driven
 * futures, and starts and cancels the calls that other threads have left in the inbox.
 *
 * <p>A drain is bounded in time and goes on behind the loop's other tasks (rule 6). Owner loop
 * only. When the loop has run its last task, the right to all that is "owner loop only" passes to
 * the thread that enters {@link #drainOrphaned}, one at a time.
 */
final class Drain {

  /**
   * A batch has so many records and then so many steps, so that neither waits for all the others.
   */
  private static final int BATCH = 64;

  /**
   * A loop that lingers reads no outcome until one in so many of its calls in flight has ended, or
   * the time below is over.
   */
  private static final int GATHERED_SHARE = 8;

  /** The bound on the time that a loop waits for outcomes to gather. */
  private static final long GATHERING_NANOS = 1_000;

  private final PortState port;
  private final RuntimeSide runtime;
  private final PortLife life;
  private final PortEnd end;
  private final PortCounters counters;
  private final DrainWatch drainWatch;
  private final DrainOffers offers;
  private final LoopSteps steps;
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
  private final long drainBudgetNanos;
  private final AtomicInteger orphanDrains = new AtomicInteger();

  Drain(
      PortState port,
      DrainOffers offers,
      LoopSteps steps,
      Submitter submitter,
      PendingCalls calls,
      Handlers handlers,
      LocalCalls locals,
      PortEnd end,
      NativeResult result) {
    this.port = port;
    this.offers = offers;
    this.steps = steps;
    this.submitter = submitter;
    this.calls = calls;
    this.handlers = handlers;
    this.locals = locals;
    this.end = end;
    this.result = result;
    runtime = port.runtime;
    life = port.life;
    counters = port.counters;
    drainWatch = port.drainWatch;
    memory = port.memory;
    completions = port.completions;
    inbox = port.inbox;
    slots = port.slots;
    drainBudgetNanos = port.config.drainBudgetNanos();
    linger = new Linger(port.config.lingerNanos(), drainBudgetNanos);
  }

  /**
   * Handles the records and steps that wait, then goes idle or lingers.
   *
   * @param woken whether this drain is a task of its own; false if it follows a flush
   */
  void drain(boolean woken) {
    if (life.isOrphaned()) {
      return;
    }
    drainWatch.begins();
    linger.drains(woken);
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
            if (now - start > drainBudgetNanos && offers.putRest()) {
              return;
            }
          } else if (linger.isLooking()) {
            break; // a look at a record that is being written would slow its writer down
          }
        }
        if (lookAgain(woken, found)) {
          return;
        }
        if (life.isReleased()) {
          offers.stopFollowing(); // before idle(), after which another drain may be due
        }
        closed = offers.idle();
        more = offers.hasMore(); // seed M1
      } while (more && offers.schedule());
      if (isBehind() && offers.schedule()) {
        offers.offerLater();
      }
      // If more came and schedule() was false, another drain is due, and that one sees the end too.
      if (closed && !more) {
        end.drained(runtime::closedException);
      }
    } catch (Throwable e) {
      offers.offer(); // SCHEDULED is still set, so no other thread would bring a drain
      throw e;
    } finally {
      offers.draining = false;
      submitter.flush();
    }
  }

  /**
   * Lingers: leaves the wake word SCHEDULED and the drain queued behind the loop's other tasks, so
   * that an outcome that comes soon needs no wake. Returns false if the drain is to go idle.
   */
  private boolean lookAgain(boolean woken, boolean found) {
    if (found || (woken && !linger.isLooking())) {
      counters.drain();
    }
    if (!mayLinger()) {
      linger.end();
      return false;
    }
    if (!linger.again(found)) {
      return false;
    }
    if (!found) {
      Native.yieldCore(port.config.library());
      linger.yielded();
    }
    return offers.putRest();
  }

  /** Returns whether an outcome may come soon. */
  private boolean mayLinger() {
    return slots.used() > 0 && life.isOpen() && !runtime.isHalting();
  }

  /** Handles one batch of records and steps; returns their number. */
  private int nextBatch() {
    int handled = 0;
    while (handled < BATCH && completions.isReady()) {
      result.load(memory, completions.offset());
      completions.advance();
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

  /** The same, but returns 0 if the loop lingers and more outcomes are to gather first. */
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
          handlers.invoke(result, life.isOrphaned() ? port::ownerGone : null);
      case RecordLayout.POLL -> locals.poll(result.slot(), result.generation());
      case RecordLayout.WITHDRAW -> handlers.withdraw(result.invocation());
      default -> handlers.drop(result.slot(), result.generation());
    }
  }

  // Work that was left because there was no stack or memory for it when it was due.

  private boolean isBehind() {
    return steps.isBehind() || calls.isBehind() || handlers.isBehind() || locals.isBehind();
  }

  private void catchUp() {
    if (calls.isBehind()) {
      calls.catchUp();
    }
    if (handlers.isBehind()) {
      handlers.catchUp();
    }
    if (steps.isBehind()) {
      steps.catchUp();
    }
    if (locals.isBehind() && !life.isOrphaned()) {
      locals.catchUp();
    }
  }

  /**
   * Drains in the loop's place after its end, on any thread. A thread that comes while another is
   * inside leaves the work to that one.
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
          end.drained(port::ownerGone);
        }
        seen = orphanDrains.addAndGet(-seen);
      } while (seen != 0);
    } catch (Throwable e) {
      orphanDrains.set(0); // its threads left their work to this one, which offers it again
      offers.offerLater();
      throw e;
    }
  }
}
