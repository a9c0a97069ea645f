package dev.loopbridge;

/**
 * Submits the records of one port's loop, and rings the doorbell once for all records of a turn. It
 * is used on the owner loop only, or by the thread that drains in its place after its end.
 *
 * <p>The first submission of a turn queues a task that flushes; within a drain, the end of the
 * drain flushes. A step that fails after a record was added is left to the turn that flushes, which
 * finds it in a field.
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

  /** Whether a task that flushes is on the loop. */
  private boolean flushPending;

  /** Whether records were added since the last flush, or a ring of the doorbell failed. */
  private boolean unflushed;

  /** Whether the doorbell word shows the dispatcher as being woken although the wake failed. */
  private boolean ringing;

  /**
   * @param drain the drain that follows the flush in {@link #flushAndDrainTask}
   */
  Submitter(PortState port, DrainOffers offers, Runnable drain) {
    this.offers = offers;
    loop = port.loop;
    life = port.life;
    nativeHalf = port.nativeHalf;
    submissions = port.submissions;
    counters = port.counters;
    drainWatch = port.drainWatch;
    log = port.log;
    flushAndDrainTask =
        () -> {
          flushTurn();
          drain.run();
        };
  }

  /** The task that flushes and then drains. No other task drains, except the drain itself. */
  Runnable flushAndDrainTask() {
    return flushAndDrainTask;
  }

  /**
   * Makes sure that a turn will come that flushes, and returns the place of the next record. The
   * caller need not write a record there.
   */
  int claim() {
    if (isFirstOfTurn()) {
      queueFlush();
    }
    return submissions.claim();
  }

  /** Returns whether no flush is sure to come yet; a drain flushes when it ends. */
  boolean isFirstOfTurn() {
    return !offers.draining && !flushPending && !life.isOrphaned();
  }

  /**
   * Adds the record that was written at {@link #claim}. With that it is submitted, so this method
   * does not throw what fails afterwards, but leaves it to the turn that flushes.
   */
  void add() {
    unflushed = true;
    boolean due = submissions.add();
    try {
      if (due) {
        submissions.publish();
      }
      if (due && offers.draining && submissions.isDispatcherParked()) {
        ring(); // at once: else the dispatcher sleeps during a long drain, and the loop after it
      }
      if (isFirstOfTurn()) {
        flush(); // now: the loop refused the task that flushes, although it still runs this one
      }
    } catch (StackOverflowError | OutOfMemoryError e) {
      if (isFirstOfTurn()) {
        offers.catchUpLater();
      }
    }
  }

  private void queueFlush() {
    // With the wake word SCHEDULED, an outcome that is ready before the turn ends needs no upcall:
    // the task that flushes drains it.
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

  /**
   * Rings the doorbell. Its word asks for one wake only, so a wake that failed is repeated here.
   */
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
      throw e; // it is not repeated, since the handle stays invalid
    } catch (RuntimeException | Error e) {
      offers.catchUpLater(); // the drain that this brings flushes again
      log.error("the dispatcher could not be woken, and will be tried again, for ", e);
    }
  }
}
