package dev.loopbridge;

/**
 * One started call. Its one decision, settled or cancelled, is a compare-and-set, so that exactly
 * one side wins; all else happens on the owner loop.
 *
 * <p>Where the JVM runs out of stack or memory during a delivery, the target may have missed it.
 * The delivery is repeated in a turn of its own ({@link CallTarget#undelivered}).
 */
public final class CallHandle extends Completion {

  // Of place, where it is no part of a slot's number.
  private static final byte UNBEGUN = -1;
  private static final byte NONE = -2;
  private static final byte DELIVERING = -3;

  /** Turns in which a delivery is repeated for want of memory, at most. */
  private static final char MOST_TURNS = 1_000;

  private final Port port;
  private final CallTarget<?> target;

  // Owner loop only, once start() has handed it over.

  /**
   * The {@link NativeCall}, or the error that kept it from being handed over; while a delivery has
   * to be repeated, what is delivered.
   */
  private Object work;

  /**
   * The bits of the slot above those of {@link #rest}, or one of the above. Together they take
   * three bytes, beside the state's one: a call is started for each of these objects.
   */
  private byte place = UNBEGUN;

  /** The lower bits of the slot; while a delivery has to be repeated, how often it was. */
  private char rest;

  CallHandle(Port port, NativeCall<?> call, CallTarget<?> target) {
    this.port = port;
    this.work = call;
    this.target = target;
  }

  /** A value that its target may not have taken, and why. */
  private record Untaken(Object value, Throwable error) {}

  /**
   * Cancels the call: the Rust future is dropped within one poll, and the target hears no more of
   * it but a late value or error. Any thread; never waits.
   *
   * @return whether this ended the call; false if it had settled or was cancelled before
   */
  public boolean cancel() {
    StackRoom.require();
    if (!end(CANCELLED)) {
      return false;
    }
    port.run(this); // seed M26
    return true;
  }

  /** Whether the call has settled or was cancelled. */
  public boolean isSettled() {
    return state() != PENDING;
  }

  /** The loop that owns the call. */
  public OwnerLoop loop() {
    return port.loop();
  }

  /** Starts on the loop; what is sent is what the arguments are now, wherever the caller is. */
  void start() {
    if (port.inLoop()) {
      step();
      return;
    }
    StackRoom.require();
    try {
      work = ((NativeCall<?>) work).held();
    } catch (RuntimeException | Error e) {
      work = e; // delivered on the loop, as all else is
    }
    port.submit(this);
  }

  /**
   * What there is to do on the owner loop: the start at first, then what a cancel has left to do,
   * or a delivery to repeat.
   */
  @Override
  void step() {
    if (place == UNBEGUN) {
      place = NONE;
      if (work instanceof NativeCall<?> call) {
        begin(call);
      } else {
        deliver((Throwable) work);
      }
    } else if (place == DELIVERING) {
      redeliver();
    } else if (state() == CANCELLED && place != NONE) {
      port.cancelOwned(slot(), this);
    }
  }

  private int slot() {
    return place << Character.SIZE | rest;
  }

  private void begin(NativeCall<?> call) {
    Throwable refusal = null;
    if (state() == PENDING) {
      try {
        int slot = (int) port.start(call.function.signature, call.arguments, this);
        if (place == NONE) { // else it has settled, at its first poll
          rest = (char) slot;
          place = (byte) (slot >> Character.SIZE);
          if (state() == CANCELLED) {
            port.cancelOwned(slot, this); // by what its own first poll ran
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

  /** The call could not be started, or its start could not end. */
  private void deliver(Throwable refusal) {
    try {
      if (place == DELIVERING) {
        throw refusal; // the call settled at its first poll, and this ended its delivery
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
        value = ((NativeCall<?>) work).function.value(result);
      }
    } catch (RuntimeException | Error e) {
      error = e; // out of memory, say: the call still settles
    }
    if (error != null) {
      fail(error);
      return;
    }
    @SuppressWarnings("unchecked") // NativeCall.start paired the call with a target of its result
    CallTarget<Object> receiver = (CallTarget<Object>) target;
    if (!end(SETTLED)) {
      receiver.lateValue(value);
      return;
    }
    place = DELIVERING;
    try {
      receiver.value(value);
    } catch (Throwable e) {
      work = value;
      throw e;
    }
    place = NONE;
  }

  private void fail(Throwable error) {
    if (!end(SETTLED)) {
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
   * A delivery failed. Where the JVM lacked stack, memory or a class it is repeated, also if it
   * failed before the call was settled; any other exception is the target's own and is logged.
   */
  @Override
  void failed(Throwable thrown) {
    if (state() == PENDING) {
      place = DELIVERING;
    }
    if (place == DELIVERING) {
      if (thrown instanceof VirtualMachineError || thrown instanceof LinkageError) {
        if (!(work instanceof Throwable)) {
          work = untaken(work instanceof NativeCall<?> ? null : work, thrown);
        }
        rest = 0;
        port.stepLater(this);
      } else {
        place = NONE;
      }
    }
    port.callbackThrew(thrown);
  }

  /** Without memory for both, the value is given up, and the error alone is delivered. */
  private static Object untaken(Object value, Throwable thrown) {
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
        port.callbackThrew(e);
      } else {
        port.stepLater(this);
      }
    } catch (Throwable e) {
      place = NONE; // in a turn of its own there was stack enough
      port.callbackThrew(e);
    }
  }
}
