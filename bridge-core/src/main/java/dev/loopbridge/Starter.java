package dev.loopbridge;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Starts and cancels the calls of one port. Owner loop only.
 *
 * <p>All that may fail comes before the record is added. From then on Rust settles the call (rule
 * 1), so the start must not throw: a step that fails is left to the turn that flushes.
 */
final class Starter {

  private final PortState port;
  private final PortConfig config;
  private final RuntimeSide runtime;
  private final OwnerLoop loop;
  private final PortLife life;
  private final Admission admission;
  private final SubmissionRing submissions;
  private final ByteBuffer memory;
  private final SlotTable slots;
  private final PendingCalls calls;
  private final LocalCalls locals;
  private final Submitter submitter;

  /** The failure of each call on a port that could not be opened; null for any other port. */
  private final @Nullable Throwable refusal;

  Starter(
      PortState port,
      Admission admission,
      PendingCalls calls,
      LocalCalls locals,
      Submitter submitter,
      @Nullable Throwable refusal) {
    this.port = port;
    this.admission = admission;
    this.calls = calls;
    this.locals = locals;
    this.submitter = submitter;
    this.refusal = refusal;
    config = port.config;
    runtime = port.runtime;
    loop = port.loop;
    life = port.life;
    submissions = port.submissions;
    memory = port.memory;
    slots = port.slots;
  }

  /**
   * Submits a call; throws a typed exception, with nothing left behind, if it cannot be accepted.
   *
   * @param signature of a function of this port's runtime
   * @param callback a {@link Completion} or a {@link RawCallback}
   * @return the ticket by which it can be cancelled
   */
  long start(Signature signature, @Nullable Object[] arguments, Object callback) {
    if (refusal != null) {
      Rethrow.unchanged(refusal);
    }
    if (runtime.isClosed()) {
      throw runtime.closedException();
    }
    if (!life.isOpen()) {
      throw life.isRefusing() ? runtime.closedException() : port.ownerGone();
    }
    if (calls.isBehind()) {
      calls.catchUp();
    }
    int units = signature.fixedKinds != null ? 0 : Admission.unitsOf(arguments);
    admission.requireRoomFor(1, units);
    if (signature.local) {
      return startLocal(signature, arguments, callback);
    }
    if (submitter.isFirstOfTurn()) {
      StackRoom.require(); // for the turn that flushes: without it the call must not be accepted
    }
    int record = submitter.claim();
    long tail = submissions.tail;
    long ticket = 0;
    try {
      ticket = slots.ticket(calls.accept(signature, arguments, callback, record));
      submitter.add();
    } catch (Throwable e) {
      if (submissions.tail == tail) {
        calls.undoStart();
        throw e;
      } // else the record is submitted, and the turn that flushes goes on with it
    }
    calls.unsubmitted = PendingCalls.NONE;
    return ticket;
  }

  private long startLocal(Signature signature, @Nullable Object[] arguments, Object callback) {
    if (!loop.hasOneThread()) {
      throw new WrongLoopException(
          signature.name
              + " is loop-driven: its Rust future cannot leave the thread it was made on, and "
              + loop
              + " does not declare that it has one thread only (OwnerLoop.hasOneThread)");
    }
    locals.recover(); // first, since this call uses the direct record
    int slot = PendingCalls.NONE;
    long ticket;
    int step;
    try {
      if (signature.localInWords && locals.mayPoll()) {
        slot = slots.take(signature.id, callback);
        ticket = slots.ticket(slot);
        step = locals.start(signature, arguments, ticket);
      } else {
        slot = calls.accept(signature, arguments, callback, RecordLayout.DIRECT);
        calls.unsubmitted = PendingCalls.NONE; // the first poll may start other calls
        ticket = slots.ticket(slot);
        step = locals.start();
      }
    } catch (RuntimeException | Error e) {
      if (slot != PendingCalls.NONE) {
        calls.unsubmitted = slot;
      }
      calls.undoStart();
      if (e instanceof RuntimeException && runtime.isClosed()) {
        throw runtime.closedException();
      }
      throw e;
    }
    calls.callbackReturned = false;
    try {
      locals.started(slot, signature, step);
    } catch (Throwable e) {
      if (calls.callbackReturned) {
        return ticket; // the callback was the caller's outcome; what failed is the work behind it
      }
      calls.startedSlot = slot; // the exception is the caller's outcome, so no callback follows
      calls.dropCallback();
      throw e;
    }
    return ticket;
  }

  /**
   * Cancels a call started with a {@link RawCallback}, which is not called any more.
   *
   * @return whether this ended the call; false if it had settled, was cancelled before, or the
   *     ticket is none of this port's
   */
  boolean cancel(long ticket) {
    int slot = (int) ticket;
    if (!slots.isCurrent(slot, (int) (ticket >>> 32)) || !slots.isLive(slot)) {
      return false;
    }
    boolean pending = slots.callback(slot) != null;
    if (slots.callback(slot) instanceof RawCallback) {
      slots.takeCallback(slot);
    }
    cancelNatively(slot);
    return pending;
  }

  /**
   * Cancels the call, which was given {@code slot}, unless its outcome was read. Owner loop only.
   */
  void cancelOwned(int slot, Completion call) {
    if (slots.callback(slot) == call && slots.isLive(slot)) {
      cancelNatively(slot);
    }
  }

  /** Drops the Rust future of a call that has no outcome yet. */
  void cancelNatively(int slot) {
    boolean local = config.signature(slots.function(slot)).local;
    if (local) {
      locals.reserve(); // first, since it may fail and a cancel is sent only once
    }
    if (!slots.sendCancel(slot)) {
      return;
    }
    if (local) {
      if (!life.isOrphaned()) {
        locals.cancel(slot); // on an orphaned loop, the end of its thread drops the future
      }
      return;
    }
    int record = submitter.claim();
    RecordLayout.word(memory, record, RecordLayout.CANCEL);
    calls.name(record, slot);
    submitter.add();
  }
}
