package dev.loopbridge;

import java.nio.ByteBuffer;

/**
 * Starts and cancels the calls of one port. Owner loop only.
 *
 * <p>What may fail comes before the record is added. From then on the call is Rust's to settle
 * (rule 1), and what fails is left to the turn that flushes.
 */
final class Starter {

  private final Port port;
  private final NativeRuntime runtime;
  private final OwnerLoop loop;
  private final PortLife life;
  private final Admission admission;
  private final SubmissionRing submissions;
  private final ByteBuffer memory;
  private final SlotTable slots;
  private final PendingCalls calls;
  private final LocalCalls locals;
  private final Submitter submitter;

  /** Why the port refuses each call; null if it does not, or only since its runtime is closed. */
  private final Throwable refusal;

  /** Of a port that has its other parts, but for its drain and its end. */
  Starter(Port port, Throwable refusal) {
    this.port = port;
    this.refusal = refusal;
    runtime = port.runtime();
    loop = port.loop();
    life = port.life;
    admission = port.admission;
    submissions = port.submissions;
    memory = port.memory;
    slots = port.slots;
    calls = port.calls;
    locals = port.locals;
    submitter = port.submitter;
  }

  /** See {@link Port#start}. */
  long start(Signature signature, Object[] arguments, Object callback) {
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
      StackRoom.require(); // for the turn, since without it the call had better not be accepted
    }
    int record = submitter.claim();
    int slot = calls.accept(signature, arguments, callback, record);
    long tail = submissions.tail;
    long ticket = 0;
    try {
      ticket = slots.ticket(slot);
      submitter.add();
    } catch (Throwable e) {
      if (submissions.tail == tail) {
        calls.failedStart = slot;
        calls.undoStart();
        throw e;
      } // else it is submitted, and the turn that flushes goes on with it
    }
    return ticket;
  }

  private long startLocal(Signature signature, Object[] arguments, Object callback) {
    if (!loop.hasOneThread()) {
      throw new WrongLoopException(
          signature.name
              + " is loop-driven: its Rust future cannot leave the thread it was made on, and "
              + loop
              + " does not say that it has one thread only (OwnerLoop.hasOneThread)");
    }
    locals.recover(); // it needs the direct record
    int slot = calls.accept(signature, arguments, callback, RecordLayout.DIRECT);
    long ticket;
    int step;
    try {
      ticket = slots.ticket(slot);
      step = locals.start();
    } catch (RuntimeException | Error e) {
      calls.failedStart = slot;
      calls.undoStart();
      if (e instanceof RuntimeException && runtime.isClosed()) {
        throw runtime.closedException();
      }
      throw e;
    }
    try {
      locals.started(slot, step);
    } catch (Throwable e) {
      calls.startedSlot = slot; // what is thrown here is all that the caller hears
      calls.dropCallback();
      throw e;
    }
    return ticket;
  }

  /** See {@link Port#cancel}. */
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
   * Cancels the call that {@code slot} was given to, unless it has its outcome. Owner loop only.
   */
  void cancelOwned(int slot, Completion call) {
    if (slots.callback(slot) == call && slots.isLive(slot)) {
      cancelNatively(slot);
    }
  }

  /** Drops the Rust future of a call that has no outcome yet. */
  void cancelNatively(int slot) {
    boolean local = runtime.signature(slots.function(slot)).local;
    if (local) {
      locals.reserve(); // first: a cancel is sent once
    }
    if (!slots.sendCancel(slot)) {
      return;
    }
    if (local) {
      if (!life.isOrphaned()) {
        locals.cancel(slot); // else its thread's end does it
      }
      return;
    }
    int record = submitter.claim();
    RecordLayout.word(memory, record, RecordLayout.CANCEL);
    calls.name(record, slot);
    submitter.add();
  }
}
