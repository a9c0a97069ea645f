package dev.loopbridge;

/**
 * The operating system has no thread, or no other means, left for what was asked of the bridge: for
 * a runtime that was to be opened, or for a blocking call, which did not run. Nothing of it is left
 * behind. The message names it, the answer of the system and the limit to raise.
 */
public final class SystemLimitException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  /** Called by the native side too. */
  SystemLimitException(String message) {
    super(message);
  }

  private SystemLimitException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Makes the exception for a thread of Java's, which the JVM refuses with an OutOfMemoryError. */
  static SystemLimitException noThread(String forWhat, OutOfMemoryError error) {
    return new SystemLimitException(
        forWhat
            + " got no thread ("
            + error.getMessage()
            + "); raise the limit on threads (ulimit -u, a container's limit on pids) or on memory,"
            + " or have fewer threads",
        error);
  }
}
