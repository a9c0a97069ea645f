package dev.loopbridge;

/** A Rust function panicked while it was polled or dropped. The message is the panic's text. */
public final class NativePanicError extends Error {
  private static final long serialVersionUID = 1L;

  private final String location;

  NativePanicError(String message, String location) {
    super(message, null, true, false);
    this.location = location;
  }

  /** Called by the native side when one of its own entry points panics. */
  NativePanicError(String message) {
    this(message, "");
  }

  /** Where it panicked, as {@code file:line:column}; empty when the panic carried no location. */
  public String location() {
    return location;
  }

  @Override
  public String toString() {
    return location.isEmpty() ? super.toString() : super.toString() + " (at " + location + ")";
  }
}
