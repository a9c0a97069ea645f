package dev.loopbridge;

/** The owner loop of the call shut down before the call settled on it. */
public final class OwnerGoneException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  OwnerGoneException(String message) {
    super(message);
  }
}
