package dev.loopbridge;

import org.jspecify.annotations.Nullable;

/**
 * A Rust function returned {@code Err}. The message is the error's {@code Display} text; its {@code
 * source()} chain follows as causes, each a {@code NativeException} of its own. Where the chain has
 * what a {@link JavaHandler} of the same loop threw, the cause is that very object. It has no Java
 * stack of interest and records none.
 */
public final class NativeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String errorType;

  NativeException(String errorType, String message, @Nullable Throwable cause) {
    super(message, cause, true, false);
    this.errorType = errorType;
  }

  /**
   * The Rust type of the error, such as {@code thumbnails::DecodeError}; empty for a cause, whose
   * type Rust erases.
   */
  public String errorType() {
    return errorType;
  }
}
