package dev.loopbridge;

/** The library registers no function of this name. */
public final class UnknownFunctionException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  UnknownFunctionException(String message) {
    super(message);
  }
}
