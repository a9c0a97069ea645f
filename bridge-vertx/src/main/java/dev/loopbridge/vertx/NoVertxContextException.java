package dev.loopbridge.vertx;

/**
 * A future of the current context was asked for where there is none. A future without a context
 * would run its handlers on whatever thread completes it, so none is made.
 */
public final class NoVertxContextException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NoVertxContextException(String message) {
    super(message);
  }
}
