package dev.loopbridge;

/**
 * A native library that is missing, damaged, built for another platform, or none of Loopbridge's.
 */
public final class NativeLibraryException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  NativeLibraryException(String message) {
    super(message);
  }

  NativeLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
