package dev.loopbridge;

/**
 * One started call. Its one decision, settled or cancelled, is a compare-and-set, so that exactly
 * one side wins; all else happens on the owner loop.
 */
public final class CallHandle extends LoopStep {

  // Of slot, whose other values are the port's.
  private static final int UNBEGUN = -1;
  private static final int NONE = -2;

  private final Port port;
  private final CallTarget<?> target;

  // Owner loop only, once start() has handed it over.
  private NativeCall<?> call;
  private int slot = UNBEGUN;

  CallHandle(Port port, NativeCall<?> call, CallTarget<?> target) {
    this.port = port;
    this.call = call;
    this.target = target;
  }

  /**
   * Cancels the call: the Rust future is dropped within one poll, and the target hears no more of
   * it but a late value or error. Any thread; never waits.
   *
   * @return whether this ended the call; false if it had settled or was cancelled before
   */
  public boolean cancel() {
    if (!end(CANCELLED)) {
      return false;
    }
    goHome(port);
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
    } else {
      call = call.held();
      port.submit(this);
    }
  }

  /**
   * What there is to do on the owner loop: the start at first, then what a cancel has left to do.
   */
  @Override
  void step() {
    if (slot == UNBEGUN) {
      slot = NONE;
      Throwable refusal = state() == PENDING ? begin() : null;
      call.releaseHeld();
      if (refusal != null) {
        tell(refusal);
      }
    } else if (state() == CANCELLED && slot != NONE) {
      port.cancelOwned(slot, this);
    }
  }

  private void tell(Throwable refusal) {
    try {
      fail(refusal);
    } catch (Throwable thrown) {
      port.callbackThrew(thrown);
    }
  }

  /** Submits the call; returns why it could not be. */
  private Throwable begin() {
    try {
      slot = (int) port.start(call, this);
      if (state() == CANCELLED) {
        port.cancelOwned(slot, this); // by what its own first poll ran
      }
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  /** The outcome is in. */
  void settle(NativeResult result) {
    Throwable error;
    Object value = null;
    try {
      error = result.error();
      if (error == null) {
        value = call.function.value(result);
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
    if (end(SETTLED)) {
      receiver.value(value);
    } else {
      receiver.lateValue(value);
    }
  }

  private void fail(Throwable error) {
    if (end(SETTLED)) {
      target.error(error);
    } else {
      target.lateError(error);
    }
  }
}
