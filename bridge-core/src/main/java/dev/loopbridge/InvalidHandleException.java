package dev.loopbridge;

/** A native handle that is closed, was never handed out, or belongs to another library. */
public final class InvalidHandleException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  InvalidHandleException(String message) {
    super(message);
  }
}
