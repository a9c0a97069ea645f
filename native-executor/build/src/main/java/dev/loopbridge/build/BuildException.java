package dev.loopbridge.build;

/** What keeps a library from being built, or its classes from being generated, and the cure. */
public final class BuildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BuildException(String message) {
    super(message);
  }

  BuildException(String message, Throwable cause) {
    super(message, cause);
  }
}
