package dev.loopbridge;

/**
 * A Rust function panicked while it was polled or dropped. The message is the panic's text.
 *
 * <p>If a {@link JavaHandler} fails with it, the panic goes on in the Rust function that asked,
 * with its own payload. Its runtime keeps the last 64 panics for that, until it is closed, and each
 * goes on once; one that is not kept any more, or is another runtime's, is a {@code JavaError}
 * there.
 */
public final class NativePanicError extends Error {
  private static final long serialVersionUID = 1L;

  private final String location;

  // The name of the panic in Rust. A copy that was deserialized has none.
  private final transient int library;
  private final transient long runtime;
  private final transient long ticket;

  NativePanicError(String message, String location, int library, long runtime, long ticket) {
    super(message, null, true, false);
    this.location = location;
    this.library = library;
    this.runtime = runtime;
    this.ticket = ticket;
  }

  /** Called by the native side when one of its own entry points panics. */
  NativePanicError(String message) {
    this(message, "", 0, 0, 0);
  }

  /** The panic's ticket in this runtime; 0 if it is none of that runtime's. */
  long ticketIn(int library, long runtime) {
    return this.library == library && this.runtime == runtime ? ticket : 0;
  }

  /**
   * The place of the panic, as {@code file:line:column}; empty when the panic carried no location.
   */
  public String location() {
    return location;
  }

  @Override
  public String toString() {
    return location.isEmpty() ? super.toString() : super.toString() + " (at " + location + ")";
  }
}
