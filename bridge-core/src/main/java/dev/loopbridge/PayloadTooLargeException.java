package dev.loopbridge;

/** An argument or a result is larger than {@link NativeRuntime.Builder#maxPayloadBytes} allows. */
public final class PayloadTooLargeException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  PayloadTooLargeException(String message) {
    super(message);
  }
}
