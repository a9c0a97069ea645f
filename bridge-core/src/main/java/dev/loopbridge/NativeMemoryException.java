package dev.loopbridge;

/**
 * The system gave no native memory for the port of one more event loop; nothing was opened. The
 * message names {@link NativeRuntime.Builder#maxInFlight}, the bytes that it asks for and the
 * system's reason.
 */
public final class NativeMemoryException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  NativeMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
