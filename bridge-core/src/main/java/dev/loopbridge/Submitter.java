package dev.loopbridge;

/**
 * Submits the records of one port's loop, and rings the doorbell once for all that a turn submits.
 * Owner loop only, or what follows it.
 *
 * <p>Whoever submits first in a turn makes sure of a task that flushes; within a drain that is the
 * drain's end. What fails after a record was added is left to the turn that flushes, which finds it
 * in a field.
 */
final class Submitter {

  private final OwnerLoop loop;
  private final PortLife life;
  private final NativeHalf nativeHalf;
  private final SubmissionRing submissions;
  private final PortCounters counters;
  private final DrainWatch drainWatch;
  private final DrainOffers offers;
  private final PortLog log;
  private final Runnable flushTask = this::flushTurn;
  private final Runnable flushAndDrainTask;

  /** A task is on the loop that flushes. */
  private boolean flushPending;

  /** Records were added since the last flush, or the doorbell has yet to be rung for some. */
  private boolean unflushed;

  /** The doorbell word says that the dispatcher is being woken, and it was not. */
  private boolean ringing;

  /**
   * @param drain what drains at the end of a turn that flushes
   */
  Submitter(
      OwnerLoop loop,
      PortLife life,
      NativeHalf nativeHalf,
      SubmissionRing submissions,
      PortCounters counters,
      DrainWatch drainWatch,
      DrainOffers offers,
      PortLog log,
      Runnable drain) {
    this.loop = loop;
    this.life = life;
    this.nativeHalf = nativeHalf;
    this.submissions = submissions;
    this.counters = counters;
    this.drainWatch = drainWatch;
    this.offers = offers;
    this.log = log;
    this.flushAndDrainTask =
        () -> {
          flushTurn();
          drain.run();
        };
  }

  /** The task that drains besides; no other but the drain itself does. */
  Runnable flushAndDrainTask() {
    return flushAndDrainTask;
  }

  /**
   * Where the next record goes, when a turn is sure to come that wakes the dispatcher once for all
   * that this one submits. A record may be left unwritten there.
   */
  int claim() {
    if (isFirstOfTurn()) {
      queueFlush();
    }
    return submissions.claim();
  }

  /** Whether no turn is sure to come that flushes; a drain flushes when it ends. */
  boolean isFirstOfTurn() {
    return !offers.draining && !flushPending && !life.isOrphaned();
  }

  /**
   * Adds the record at the ring's claim. With that it is submitted: what fails afterwards is left
   * to the turn that flushes.
   */
  void add() {
    unflushed = true;
    boolean due = submissions.add();
    try {
      if (due) {
        submissions.publish();
      }
      counters.submitted(submissions.published());
      if (due && offers.draining && submissions.isDispatcherParked()) {
        ring(); // a long drain would keep it asleep, and then sleep itself while it works
      }
      if (isFirstOfTurn()) {
        flush(); // the loop takes no more tasks, yet this one still runs
      }
    } catch (StackOverflowError | OutOfMemoryError e) {
      if (isFirstOfTurn()) {
        offers.catchUpLater();
      }
    }
  }

  private void queueFlush() {
    // Whatever is answered before the turn ends needs no upcall: it is drained with the flush.
    boolean drains = offers.schedule();
    drainWatch.runs();
    try {
      flushPending = true;
      if (drains) {
        offers.put(flushAndDrainTask);
      } else {
        loop.execute(flushTask);
      }
    } catch (Throwable e) {
      flushPending = false;
      if (drains) {
        offers.offerLater();
      }
    }
  }

  private void flushTurn() {
    flushPending = false;
    flush();
  }

  /** Makes all records visible to the dispatcher and wakes it if it is parked. */
  void flush() {
    if (unflushed) {
      ring();
      unflushed = ringing;
    }
  }

  /** The doorbell word says once that the dispatcher is to be woken: what fails is done again. */
  private void ring() {
    if (!life.isReleased() && (submissions.ring() || ringing)) {
      ringing = true;
      unflushed = true;
      counters.doorbell();
      wakeDispatcher();
    }
  }

  private void wakeDispatcher() {
    try {
      nativeHalf.wakeDispatcher();
      ringing = false;
    } catch (InvalidHandleException e) {
      ringing = false;
      throw e; // it would be as invalid the next time
    } catch (RuntimeException | Error e) {
      offers.catchUpLater(); // which flushes again
      log.error("the dispatcher could not be woken, and will be tried again, for ", e);
    }
  }
}
