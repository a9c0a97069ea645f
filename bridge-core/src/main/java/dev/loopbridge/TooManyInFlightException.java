package dev.loopbridge;

/**
 * The loop has as many calls in flight as {@link NativeRuntime.Builder#maxInFlight} allows; nothing
 * was submitted.
 */
public final class TooManyInFlightException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  TooManyInFlightException(String message) {
    super(message);
  }
}
