package dev.loopbridge;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;

/**
 * The calls of one port from their acceptance to Rust's last word about them: who is told what, and
 * when the slot and the lent memory are free again. Owner loop only, or what follows it.
 *
 * <p>A slot's callback is taken out of the table before it is called, so that it is called once.
 */
final class PendingCalls {

  private static final Logger LOG = System.getLogger(PendingCalls.class.getName());

  private final Port port;
  private final SlotTable slots;
  private final ArgumentWriter writer;
  private final PortCounters counters;
  private final ByteBuffer memory;

  /** Of a call that Java itself ends. */
  private final NativeResult told;

  PendingCalls(
      Port port, SlotTable slots, ArgumentWriter writer, PortCounters counters, ByteBuffer memory) {
    this.port = port;
    this.slots = slots;
    this.writer = writer;
    this.counters = counters;
    this.memory = memory;
    this.told = new NativeResult(port);
  }

  /** Writes a call's record, and gives it a slot. */
  int accept(NativeCall<?> call, Object callback, int record) {
    Signature signature = call.function.signature;
    Object lent = writer.write(signature, call.arguments, memory, record);
    int slot = slots.take(signature.id, callback, lent);
    name(record, slot);
    counters.accepted(slots.used(), lent != null);
    return slot;
  }

  /** Writes which call a record is about. */
  void name(int record, int slot) {
    long name = RecordLayout.halves(slot, slots.generation(slot));
    RecordLayout.word(memory, record + RecordLayout.SUBMISSION_SLOT, name);
  }

  /** Takes back a call that Rust has not begun; nobody is told. */
  void retract(int slot) {
    slots.takeCallback(slot);
    slots.end(slot);
    free(slot);
  }

  /** A call's outcome is in, or its lent memory is free. */
  void settled(NativeResult result) {
    int slot = result.slot();
    if (!slots.isCurrent(slot, result.generation())) {
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
    Object callback = slots.takeCallback(slot);
    slots.end(slot);
    if (!result.isLent()) {
      free(slot);
    }
    try {
      if (callback == null) {
        return;
      }
      if (result.outcome() == RecordLayout.CLOSED && isAwaited(callback)) {
        port.runtime().countCancelled(signature);
      }
      settle(callback, ticket, result);
    } finally {
      result.release();
    }
  }

  /** Of a loop-driven call that went with its thread this is the only word. */
  private void released(int slot) {
    long ticket = slots.ticket(slot);
    Object callback = slots.takeCallback(slot);
    slots.end(slot);
    free(slot);
    if (callback != null) {
      told.load(port.ownerGone());
      settle(callback, ticket, told);
      told.close();
    }
  }

  /** Whether somebody still waits for this call to settle. */
  boolean isAwaited(int slot) {
    return isAwaited(slots.callback(slot));
  }

  private static boolean isAwaited(Object callback) {
    return callback instanceof CallHandle call ? !call.isSettled() : callback != null;
  }

  /** Settles a slot that Rust has yet to say the last word about. */
  void settleWith(int slot, LoopbridgeException error) {
    long ticket = slots.ticket(slot);
    Object callback = slots.takeCallback(slot);
    if (callback != null) {
      told.load(error);
      settle(callback, ticket, told);
      told.close();
    }
  }

  private void settle(Object callback, long ticket, NativeResult result) {
    try {
      if (callback instanceof CallHandle call) {
        call.settle(result);
      } else {
        ((RawCallback) callback).settled(ticket, result);
      }
    } catch (Throwable e) {
      port.callbackThrew(e);
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
      slots.end(slot);
      free(slot);
    }
  }

  private void free(int slot) {
    Object lent = slots.free(slot);
    counters.freed(slots.used(), lent != null);
    ArgumentWriter.release(lent);
    port.slotFreed();
  }
}
