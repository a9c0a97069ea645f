package dev.loopbridge;

/** An object of Rust's was used after it had been closed. */
public final class ClosedException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  ClosedException(String message) {
    super(message);
  }
}
