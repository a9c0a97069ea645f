package dev.loopbridge;

/** An object was touched off the loop that owns it. */
public final class WrongLoopException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  WrongLoopException(String message) {
    super(message);
  }
}
