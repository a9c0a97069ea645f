package dev.loopbridge;

/** Waiting for a native result was tried on an event loop, which would stop that loop. */
public final class BlockingOnLoopException extends LoopbridgeException {
  private static final long serialVersionUID = 1L;

  BlockingOnLoopException(String message) {
    super(message);
  }
}
