package dev.loopbridge;

/** The types asked for, or the arguments given, are not those of the Rust function. */
public final class SignatureMismatchException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  SignatureMismatchException(String message) {
    super(message);
  }
}
