package dev.loopbridge;

/** The runtime is closing or closed, or the JVM is shutting down. */
public final class RuntimeClosedException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  RuntimeClosedException(String message) {
    super(message);
  }

  RuntimeClosedException(String message, Throwable cause) {
    super(message, cause);
  }
}
