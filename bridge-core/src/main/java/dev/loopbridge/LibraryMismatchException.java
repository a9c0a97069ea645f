package dev.loopbridge;

/**
 * The native library and this jar were built from different versions and cannot talk to each other.
 */
public final class LibraryMismatchException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  LibraryMismatchException(String message) {
    super(message);
  }
}
