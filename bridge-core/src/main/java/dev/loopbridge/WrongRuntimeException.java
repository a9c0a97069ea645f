package dev.loopbridge;

/** A call was started on a port of another runtime than the one its function belongs to. */
public final class WrongRuntimeException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  WrongRuntimeException(String message) {
    super(message);
  }
}
