package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;

/**
 * The calls of one port from their acceptance to Rust's last record about them: what each caller
 * gets, and when the slot and the lent memory are free again. Owner loop only, or what follows it.
 *
 * <p>A slot's callback is taken out of the table before it is called, so that it is called once.
 *
 * <h2>The life of a call</h2>
 *
 * <p>The state of one call is spread over five words, since each has writers and a lifetime of its
 * own; an adapter may add a sixth, such as {@code NativeSubscription} of Reactor's.
 *
 * <pre>
 * word                who writes it               what it decides
 * LoopStep.state      any thread, first wins      whether the caller gets the outcome or has cancelled
 * CallHandle.place    owner loop                  the slot, or which delivery is to be repeated
 * SlotTable's state   owner loop                  whether a cancel may be sent; when the slot is free
 * CallState (Rust)    dispatcher, who ends it     whether the outcome is published, or CANCELLED
 * Lend (Rust)         who ends it, the lease      which record says that lent memory is free (rule 8)
 * </pre>
 *
 * <p>A line is one event, and shows what it changes. With {@code g} the slot's generation:
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

  private static final int NONE = -1;

  private final Port port;
  private final SlotTable slots;
  private final ArgumentWriter writer;
  private final PortCounters counters;
  private final ByteBuffer memory;

  /** Of a call that Java itself ends. */
  private final NativeResult told;

  // Who starts a call writes these, since that needs no stack; where none is left for what follows
  // from it, the next start or drain does that first.

  /** The slot of a call whose start failed before Rust had it. */
  int failedStart = NONE;

  /** The slot of a call whose start failed when Rust had it. */
  int disowned = NONE;

  PendingCalls(
      Port port, SlotTable slots, ArgumentWriter writer, PortCounters counters, ByteBuffer memory) {
    this.port = port;
    this.slots = slots;
    this.writer = writer;
    this.counters = counters;
    this.memory = memory;
    this.told = new NativeResult(port);
  }

  /** Writes a call's record, and gives it a slot; if that fails, nothing is left behind. */
  int accept(Signature signature, Object[] arguments, Object callback, int record) {
    Object lent = writer.write(signature, arguments, memory, record);
    int slot = NONE;
    try {
      slot = slots.take(signature.id, callback, lent);
      name(record, slot);
      counters.inUse(slots.used(), slots.lending());
      return slot;
    } catch (Throwable e) {
      failedStart = slot;
      if (slot == NONE) {
        release(signature, lent);
      } else {
        takeBack();
      }
      throw e;
    }
  }

  /** Writes which call a record is about. */
  void name(int record, int slot) {
    long name = RecordLayout.halves(slot, slots.generation(slot));
    RecordLayout.word(memory, record + RecordLayout.SUBMISSION_SLOT, name);
  }

  /** Whether a failed start has something left to be done. */
  boolean isBehind() {
    return failedStart != NONE || disowned != NONE;
  }

  void catchUp() {
    if (failedStart != NONE) {
      takeBack();
    }
    if (disowned != NONE) {
      disown();
    }
  }

  /** Takes back the failed start of a call that Rust has not begun; nobody is told. */
  void takeBack() {
    int slot = failedStart;
    Signature signature = port.runtime().signature(slots.function(slot));
    Object lent = slots.lent(slot);
    slots.settle(slot, false);
    failedStart = NONE; // before what may fail for want of stack
    release(signature, lent);
    freed(null);
  }

  /** Of the call that was written last. */
  private void release(Signature signature, Object lent) {
    if (signature.fixedKinds == null) {
      writer.dropPassed();
    }
    ArgumentWriter.release(lent);
  }

  /** Nobody is to hear of a call any more that Rust may have begun. */
  void disown() {
    if (slots.isUsed(disowned)) {
      slots.takeCallback(disowned);
    }
    disowned = NONE;
  }

  /** A call's outcome is in, or its lent memory is free. */
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
    Signature signature = port.runtime().signature(slots.function(slot));
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
    tell(callback, ticket, signature, result);
    if (failure != null) {
      Rethrow.unchanged(failure);
    }
  }

  private void tell(Object callback, long ticket, Signature signature, NativeResult result) {
    try {
      if (result.outcome() == RecordLayout.CLOSED && isAwaited(callback)) {
        port.runtime().countCancelled(signature);
      }
      if (callback != null) {
        settle(callback, ticket, result);
      }
    } finally {
      result.release();
    }
  }

  /** Of a loop-driven call that went with its thread this is the only word. */
  private void released(int slot) {
    long ticket = slots.ticket(slot);
    if (slots.callback(slot) != null) {
      told.load(port.ownerGone());
    }
    Object lent = slots.lent(slot);
    Object callback = slots.settle(slot, false);
    try {
      freed(lent);
    } finally {
      if (callback != null) {
        settle(callback, ticket, told);
      }
    }
  }

  /** Whether somebody still waits for this call to settle. */
  boolean isAwaited(int slot) {
    return isAwaited(slots.callback(slot));
  }

  private static boolean isAwaited(Object callback) {
    return callback instanceof Completion call ? call.isAwaited() : callback != null;
  }

  /** Settles a slot that Rust has yet to say the last word about. */
  void settleWith(int slot, LoopbridgeException error) {
    long ticket = slots.ticket(slot);
    Object callback = slots.takeCallback(slot);
    if (callback != null) {
      told.load(error);
      settle(callback, ticket, told);
    }
  }

  private void settle(Object callback, long ticket, NativeResult result) {
    try {
      if (callback instanceof Completion call) {
        call.settle(result);
      } else {
        ((RawCallback) callback).settled(ticket, result);
      }
    } catch (Throwable e) {
      if (callback instanceof Completion call) {
        call.failed(e);
      } else if (e instanceof StackOverflowError) {
        throw e; // of a start: then it says itself that nothing was heard
      } else {
        port.callbackThrew(e);
      }
    }
  }

  /**
   * Frees what is still taken though Rust has no call left: a place that was lost, which would keep
   * the port and its memory.
   */
  void freeLost() {
    for (int slot = 0; slot < slots.size(); slot++) {
      if (slots.isUsed(slot)) {
        port.runtime().countLost(port.runtime().signature(slots.function(slot)));
        Object lent = slots.lent(slot);
        slots.settle(slot, false);
        ArgumentWriter.release(lent);
        counters.inUse(slots.used(), slots.lending());
      }
    }
  }

  /**
   * A record that the dispatcher ended without having read: Rust will have no last word about its
   * call, and does not take what was given for its answer.
   */
  void freeUnread(int record) {
    if (memory.get(record) == RecordLayout.ANSWER || memory.get(record) == RecordLayout.RELAY) {
      if ((memory.get(record + 1) & RecordLayout.EXTERNAL_ARGUMENTS) != 0) {
        try {
          port.releasePayload(
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

  /** A slot was freed. */
  private void freed(Object lent) {
    ArgumentWriter.release(lent);
    counters.inUse(slots.used(), slots.lending());
    port.slotFreed();
  }
}
