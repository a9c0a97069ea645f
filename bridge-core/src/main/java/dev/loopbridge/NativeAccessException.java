package dev.loopbridge;

/**
 * The JVM was started without leave to load native code for Loopbridge; the message names the flag.
 */
public final class NativeAccessException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  NativeAccessException(String message, Throwable cause) {
    super(message, cause);
  }
}
