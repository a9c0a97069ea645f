package dev.loopbridge;

/**
 * A value that its Rust type cannot hold, such as a negative number where that is unsigned; or
 * bytes of a library that are no value of the type, which is an error of the library.
 */
public final class DataException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  /** Made by what reads and writes such values. */
  public DataException(String message) {
    super(message);
  }
}
