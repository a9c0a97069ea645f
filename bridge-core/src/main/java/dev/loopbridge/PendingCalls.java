package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one port, each from its acceptance to Rust's last record about it. This class
 * decides what each caller gets, and when the slot and the lent memory are free again. It is used
 * on the owner loop only, or by the thread that drains in its place after its end.
 *
 * <p>A slot's callback is taken out of the table before it is called, so that it is called once.
 *
 * <h2>The life of a call</h2>
 *
 * <p>The state of one call is spread over five words, since each has writers and a lifetime of its
 * own. An adapter may add a sixth, as Reactor's {@code NativeSubscription} does.
 *
 * <pre>
 * word                who writes it               what it decides
 * LoopStep.state      any thread, first wins      whether the caller gets the outcome or has cancelled
 * StartedCall.place   owner loop                  the slot, or which delivery is to be repeated
 * SlotTable's state   owner loop                  whether a cancel may be sent; when the slot is free
 * CallState (Rust)    dispatcher, ending thread   whether the outcome is published, or CANCELLED
 * Lend (Rust)         ending thread, the lease    which record frees the lent memory (rule 8)
 * </pre>
 *
 * <p>Each line is one event and shows what it changes; {@code g} is the slot's generation.
 *
 * <pre>
 * event, and where                     state      place       SlotTable     CallState    Lend
 * handle made, any thread              PENDING    UNBEGUN
 * refused, loop                        SETTLED    NONE
 * accepted, loop                                  the slot    USED                       LENT
 * read by the dispatcher                                                    RUNNING g
 * ends, any thread of Tokio's                                               EMPTY g      SETTLED
 *   and the memory is still lent                                                         ANNOUNCED
 * outcome read, loop                   SETTLED    NONE        free, g + 1
 *   with the flag LENT                 SETTLED    NONE        ENDED TAKEN
 * last view of the memory dropped                                                        DROPPED
 * RELEASED read, loop                                         free, g + 1
 *
 * cancelled, any thread                CANCELLED
 *   its step, loop                                            CANCEL_SENT
 *   read by the dispatcher                                                  CANCELLED g
 *   its future dropped                                                      EMPTY g      SETTLED
 *   outcome CANCELLED read, loop                              free, g + 1
 * runtime or loop ended, owner         SETTLED    NONE        TAKEN
 * a delivery failed for want of stack  SETTLED    DELIVERING  as it is
 * </pre>
 *
 * <p>The two decisions are independent: a cancel that comes first in {@code state} may find the
 * future finished in {@code CallState}; then the value arrives and is released. A loop-driven call
 * has a {@code PollState} in the place of {@code CallState}, and ends in {@link LocalCalls}.
 */
final class PendingCalls {

  private static final Logger LOG = System.getLogger(PendingCalls.class.getName());

  /** No slot. */
  static final int NONE = -1;

  private final PortState port;
  private final PortConfig config;
  private final RuntimeSide runtime;
  private final PortLife life;
  private final Runnable unused;
  private final SlotTable slots;
  private final ArgumentWriter writer;
  private final ByteBuffer memory;

  /** The reused result for calls that settle without a record. */
  private final NativeResult unrecorded;

  // A start that fails is found in these two fields, since a write needs no stack. If the stack is
  // too small for the clean-up itself, the next start or drain does it first.

  /**
   * The slot of a call that Rust does not have yet: while its start runs, and after that failed
   * until it is undone.
   */
  int unsubmitted = NONE;

  /** The slot of a call whose start failed after Rust had the call. */
  int startedSlot = NONE;

  /** Whether the raw callback that was called last has returned. */
  boolean callbackReturned;

  /**
   * @param unrecorded the reused result for calls that settle without a record
   * @param unused releases a port that has ended if no slot is in use
   */
  PendingCalls(PortState port, ArgumentWriter writer, NativeResult unrecorded, Runnable unused) {
    this.port = port;
    this.writer = writer;
    this.unrecorded = unrecorded;
    this.unused = unused;
    config = port.config;
    runtime = port.runtime;
    life = port.life;
    slots = port.slots;
    memory = port.memory;
  }

  /**
   * Takes a slot for a call and writes its record. {@link #unsubmitted} names the slot from then
   * on; the caller clears the field once Rust has the call, or calls {@link #undoStart}.
   */
  int accept(Signature signature, @Nullable Object[] arguments, Object callback, int record) {
    if (signature.fixedKinds == null) {
      writer.forgetPassed(); // now: a write that fails at once would leave those of the call before
    }
    int slot = slots.take(signature.id, callback);
    unsubmitted = slot;
    Object lent = writer.write(signature, arguments, memory, record, slot);
    if (lent != null) {
      lend(slot, lent);
    }
    name(record, slot);
    return slot;
  }

  private void lend(int slot, Object lent) {
    try {
      slots.lend(slot, lent);
    } catch (Throwable e) {
      LentMemory.release(lent);
      throw e;
    }
  }

  /** Writes the slot and generation of the call into its record. */
  void name(int record, int slot) {
    long name = RecordLayout.halves(slot, slots.generation(slot));
    RecordLayout.word(memory, record + RecordLayout.SUBMISSION_SLOT, name);
  }

  /** Returns whether the clean-up after a failed start is still to be done. */
  boolean isBehind() {
    return unsubmitted != NONE || startedSlot != NONE;
  }

  void catchUp() {
    undoStart();
    if (startedSlot != NONE) {
      dropCallback();
    }
  }

  /**
   * Frees what the failed start of a call has taken, if anything, when Rust does not have the call.
   * The callback is not called, since the exception of the start is the caller's outcome.
   */
  void undoStart() {
    int slot = unsubmitted;
    if (slot == NONE) {
      return;
    }
    Signature signature = config.signature(slots.function(slot));
    Object lent = slots.lent(slot);
    slots.settle(slot, false);
    unsubmitted = NONE; // first, since the calls below may fail for want of stack
    release(signature, lent);
    freed(null);
  }

  /** Releases what the last written call lends and passes. */
  private void release(Signature signature, @Nullable Object lent) {
    if (signature.fixedKinds == null) {
      writer.dropPassed();
    }
    LentMemory.release(lent);
  }

  /**
   * Drops the callback of a call whose start failed after Rust had it. Rust's records still free
   * the slot.
   */
  void dropCallback() {
    if (slots.isUsed(startedSlot)) {
      slots.takeCallback(startedSlot);
    }
    startedSlot = NONE;
  }

  /** Handles a record that has a call's outcome or frees its lent memory. */
  void settled(NativeResult result) {
    int slot = result.slot();
    if (!slots.isCurrent(slot, result.generation())) {
      result.settled = true;
      result.release();
      return;
    }
    if (result.outcome() == RecordLayout.RELEASED) {
      released(slot);
      return;
    }
    Signature signature = config.signature(slots.function(slot));
    result.signature(signature);
    long ticket = slots.ticket(slot);
    boolean staysLent = result.isLent();
    Object lent = slots.lent(slot);
    Object callback = slots.settle(slot, staysLent);
    result.settled = true;
    Throwable failure = null;
    if (!staysLent) {
      try {
        freed(lent);
      } catch (Throwable e) {
        failure = e;
      }
    }
    // Not in a finally block, which would be a second copy of all that is inlined here.
    deliver(callback, ticket, signature, result);
    if (failure != null) {
      Rethrow.unchanged(failure);
    }
  }

  /**
   * Settles a call of an open port that lends nothing and has returned a value of one word, which
   * needs no release.
   */
  void returned(int slot, NativeResult result) {
    long ticket = slots.ticket(slot);
    Object callback = slots.settle(slot, false);
    result.settled = true;
    if (callback != null) {
      settle(callback, ticket, result);
    }
  }

  private void deliver(
      @Nullable Object callback, long ticket, Signature signature, NativeResult result) {
    try {
      if (result.outcome() == RecordLayout.CLOSED && isAwaited(callback)) {
        runtime.countCancelled(signature);
      }
      if (callback != null) {
        settle(callback, ticket, result);
      }
    } finally {
      result.release();
    }
  }

  /**
   * Handles a record that frees lent memory. For a loop-driven call that was dropped at the end of
   * its thread, it is the only record: such a call settles here.
   */
  private void released(int slot) {
    long ticket = slots.ticket(slot);
    if (slots.callback(slot) != null) {
      unrecorded.load(port.ownerGone());
    }
    Object lent = slots.lent(slot);
    Object callback = slots.settle(slot, false);
    try {
      freed(lent);
    } finally {
      if (callback != null) {
        settle(callback, ticket, unrecorded);
      }
    }
  }

  /** Returns whether the caller still waits for this call to settle. */
  boolean isAwaited(int slot) {
    return isAwaited(slots.callback(slot));
  }

  private static boolean isAwaited(@Nullable Object callback) {
    return callback instanceof Completion call ? call.isAwaited() : callback != null;
  }

  /** Settles a call before Rust's last record about it; the slot stays in use until then. */
  void settleWith(int slot, LoopbridgeException error) {
    long ticket = slots.ticket(slot);
    Object callback = slots.takeCallback(slot);
    if (callback != null) {
      unrecorded.load(error);
      settle(callback, ticket, unrecorded);
    }
  }

  private void settle(Object callback, long ticket, NativeResult result) {
    try {
      if (callback instanceof Completion call) {
        call.settle(result);
      } else {
        ((RawCallback) callback).settled(ticket, result);
        callbackReturned = true;
      }
    } catch (Throwable e) {
      if (callback instanceof Completion call) {
        call.failed(e);
      } else if (e instanceof StackOverflowError) {
        callbackReturned = false; // it may have started a call whose callback has returned
        throw e; // the start fails with it, which is the outcome for the caller of a raw call
      } else {
        port.log.callbackThrew(e);
      }
    }
  }

  /**
   * Frees the slots that are still in use though Rust has no call left. A record of theirs was
   * lost, and each such slot would keep the port and its memory for ever.
   */
  void freeLost() {
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.isUsed(slot)) {
        runtime.countLost(config.signature(slots.function(slot)));
        Object lent = slots.lent(slot);
        slots.settle(slot, false);
        LentMemory.release(lent);
      }
    }
  }

  /**
   * Frees what belongs to a record that the dispatcher has not read before its end. Rust will
   * publish no record about the call, and does not take the payload that was given for an answer.
   */
  void freeUnread(int record) {
    if (memory.get(record) == RecordLayout.ANSWER || memory.get(record) == RecordLayout.RELAY) {
      if ((memory.get(record + 1) & RecordLayout.EXTERNAL_ARGUMENTS) != 0) {
        try {
          port.nativeHalf.releasePayload(
              RecordLayout.word(memory, record + RecordLayout.SUBMISSION_ARGUMENTS));
        } catch (InvalidHandleException e) {
          LOG.log(Level.DEBUG, "a dispatcher that ended late has read the answer after all", e);
        }
      }
      return;
    }
    int slot = memory.getInt(record + RecordLayout.SUBMISSION_SLOT);
    int generation = memory.getInt(record + RecordLayout.SUBMISSION_GENERATION);
    if (memory.get(record) == RecordLayout.CALL && slots.isCurrent(slot, generation)) {
      Object lent = slots.lent(slot);
      slots.settle(slot, false);
      freed(lent);
    }
  }

  /** Releases what a freed slot's call has lent, and the port after its last call. */
  private void freed(@Nullable Object lent) {
    LentMemory.release(lent);
    if (!life.isOpen()) {
      unused.run(); // the slot may have been the last in use
    }
  }
}
