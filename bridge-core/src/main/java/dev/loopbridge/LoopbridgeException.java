package dev.loopbridge;

/**
 * What the bridge itself refuses or ends, as opposed to what a Rust function returned. The message
 * names what was given, what was expected and what to do.
 */
public abstract class LoopbridgeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoopbridgeException(String message) {
    super(message);
  }

  LoopbridgeException(String message, Throwable cause) {
    super(message, cause);
  }
}
