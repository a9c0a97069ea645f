package dev.loopbridge;

import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import org.jspecify.annotations.Nullable;

/**
 * The handle of one started call, and its callback in the table of calls. The decision whether it
 * has settled or was cancelled is a compare-and-set, so that exactly one side wins; everything else
 * happens on the owner loop.
 *
 * <p>If the JVM runs out of stack or memory during a delivery, the target may have missed it. The
 * delivery is then repeated in a turn of its own ({@link CallTarget#undelivered}).
 */
final class StartedCall extends Completion implements CallHandle {

  // The values of place while it is not the upper part of a slot's number.
  private static final byte UNBEGUN = -1;
  private static final byte NONE = -2;
  private static final byte DELIVERING = -3;

  /** The start runs on the owner loop, so that no other thread has this call yet. */
  private static final byte UNSHARED = -4;

  /** The most turns in which a delivery is repeated for want of memory. */
  private static final char MOST_TURNS = 1_000;

  private final Port port;
  private final CallTarget<?> target;

  // Owner loop only, once start() has passed the call to the loop.

  /**
   * The {@link Request}, or the error because of which it could not be passed to the loop. While a
   * delivery has to be repeated: the value or error to deliver.
   */
  private Object work;

  /**
   * The bits of the slot above those of {@link #rest}, or one of the values above. The two fields
   * take the three bytes beside the state's one: each call allocates one of these objects, and a
   * larger field would make it 8 bytes larger.
   */
  private byte place = UNBEGUN;

  /** The lower bits of the slot; while a delivery has to be repeated, the number of repetitions. */
  private char rest;

  StartedCall(Port port, Request<?> call, CallTarget<?> target) {
    this.port = port;
    this.work = call;
    this.target = target;
  }

  /** A value that its target may not have taken, and the error of its delivery. */
  private record Untaken(Object value, Throwable error) {}

  @Override
  public boolean cancel() {
    StackRoom.require();
    if (!end(CANCELLED)) {
      return false;
    }
    port.steps.run(this); // seed M26
    return true;
  }

  @Override
  public boolean isSettled() {
    return state() != PENDING;
  }

  @Override
  public OwnerLoop loop() {
    return port.loop();
  }

  /** Starts the call on the loop, with the arguments as they are now. Any thread. */
  void start() {
    if (port.inLoop()) {
      place = UNSHARED;
      begin((Request<?>) work);
      return;
    }
    StackRoom.require();
    try {
      work = ((Request<?>) work).held();
    } catch (RuntimeException | Error e) {
      work = e; // the loop delivers it, like each outcome
    }
    port.steps.submit(this);
  }

  /**
   * Does the work that is due on the owner loop: first the start, later the cancel of the Rust
   * future, or the repetition of a delivery.
   */
  @Override
  void step() {
    if (place == UNBEGUN) {
      place = NONE;
      if (work instanceof Request<?> call) {
        begin(call);
      } else {
        deliver((Throwable) work);
      }
    } else if (place == DELIVERING) {
      redeliver();
    } else if (state() == CANCELLED && place != NONE) {
      port.starter.cancelOwned(slot(), this);
    }
  }

  private int slot() {
    return place << Character.SIZE | rest;
  }

  private void begin(Request<?> call) {
    Throwable refusal = null;
    if (state() == PENDING) {
      try {
        int slot = (int) port.start(call.signature(), call.arguments, this);
        if (place == NONE || place == UNSHARED) { // else the call has settled at its first poll
          rest = (char) slot;
          place = (byte) (slot >> Character.SIZE);
          if (state() == CANCELLED) {
            port.starter.cancelOwned(
                slot, this); // code that ran in the first poll has cancelled it
          }
        }
      } catch (RuntimeException | Error e) {
        refusal = e;
      }
    }
    call.releaseHeld();
    if (refusal != null) {
      deliver(refusal);
    }
  }

  /** Delivers the error of a call that could not be started, or whose start could not end. */
  private void deliver(Throwable refusal) {
    try {
      if (place == DELIVERING) {
        throw refusal; // the call settled at its first poll, and this error ended its delivery
      }
      work = refusal;
      fail(refusal);
    } catch (Throwable thrown) {
      failed(thrown);
    }
  }

  @Override
  void settle(NativeResult result) {
    Throwable error;
    Object value = null;
    try {
      error = result.error();
      if (error == null) {
        value = ((Request<?>) work).value(result);
      }
    } catch (RuntimeException | Error e) {
      error = e; // the value could not be made, as for want of memory; the call still settles
    }
    if (error != null) {
      fail(error);
      return;
    }
    @SuppressWarnings("unchecked") // NativeCall.start paired the call with a target of its result
    CallTarget<Object> receiver = (CallTarget<Object>) target;
    if (!endSettled()) {
      receiver.lateValue(value);
      return;
    }
    place = DELIVERING;
    try {
      receiver.value(value);
    } catch (Throwable e) {
      work = value == null ? e : value;
      throw e;
    }
    place = NONE;
  }

  /** Ends it as SETTLED, without the compare-and-set if no other thread could cancel it. */
  private boolean endSettled() {
    if (place != UNSHARED) {
      return end(SETTLED);
    }
    place = DELIVERING; // first: a full stack may end the next call behind its store
    endUnshared();
    return true;
  }

  private void fail(Throwable error) {
    if (!endSettled()) {
      target.lateError(error);
      return;
    }
    place = DELIVERING;
    try {
      target.error(error);
    } catch (Throwable e) {
      work = error;
      throw e;
    }
    place = NONE;
  }

  /**
   * Handles a delivery that failed. If the JVM lacked stack, memory or a class, the delivery is
   * repeated, also if it failed before the call was settled. Any other exception is the target's
   * own and is logged.
   */
  @Override
  void failed(Throwable thrown) {
    if (state() == PENDING) {
      place = DELIVERING;
    }
    if (place == DELIVERING) {
      if (thrown instanceof VirtualMachineError || thrown instanceof LinkageError) {
        if (!(work instanceof Throwable)) {
          work = untaken(work instanceof Request<?> ? null : work, thrown);
        }
        rest = 0;
        port.steps.later(this);
      } else {
        place = NONE;
      }
    }
    port.state.log.callbackThrew(thrown);
  }

  /** Returns value and error to deliver; the error alone if there is no memory for both. */
  private static Object untaken(@Nullable Object value, Throwable thrown) {
    if (value == null) {
      return thrown;
    }
    try {
      return new Untaken(value, thrown);
    } catch (OutOfMemoryError e) {
      return thrown;
    }
  }

  private void redeliver() {
    @SuppressWarnings("unchecked") // as in settle
    CallTarget<Object> receiver = (CallTarget<Object>) target;
    if (!end(SETTLED) && state() == CANCELLED) {
      place = NONE;
      return;
    }
    try {
      if (work instanceof Untaken untaken) {
        receiver.undelivered(untaken.value, untaken.error);
      } else {
        receiver.undelivered(null, (Throwable) work);
      }
      place = NONE;
    } catch (OutOfMemoryError e) {
      if (++rest == MOST_TURNS) {
        place = NONE;
        port.state.log.callbackThrew(e);
      } else {
        port.steps.later(this);
      }
    } catch (Throwable e) {
      place = NONE; // not repeated: a turn of its own has stack enough, so the target itself failed
      port.state.log.callbackThrew(e);
    }
  }
}
