package dev.loopbridge.stress.history;

import dev.loopbridge.ClosedException;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.OwnerGoneException;
import dev.loopbridge.RuntimeClosedException;
import dev.loopbridge.TooManyInFlightException;
import dev.loopbridge.WrongLoopException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;

/** The outcome of a call, reduced to what can be compared. */
record Outcome(Kind kind, String text) {

  enum Kind {
    VALUE,
    ERROR,
    PANIC,
    CANCELLED,
    OWNER_GONE,
    CLOSED,
    REFUSED,
    WRONG_LOOP,
    REFERENCE_CLOSED,
    OTHER
  }

  static Outcome value(Object value) {
    return new Outcome(Kind.VALUE, String.valueOf(value));
  }

  static Outcome error(String text) {
    return new Outcome(Kind.ERROR, text);
  }

  static Outcome panic(String text) {
    return new Outcome(Kind.PANIC, text);
  }

  static Outcome of(Throwable error) {
    Throwable cause = error;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof NativePanicError) {
      return panic(cause.getMessage());
    } else if (cause instanceof NativeException || cause instanceof Planned) {
      return error(cause.getMessage());
    }
    return new Outcome(kind(cause), cause.toString());
  }

  private static Kind kind(Throwable error) {
    if (error instanceof CancellationException) {
      return Kind.CANCELLED;
    } else if (error instanceof OwnerGoneException) {
      return Kind.OWNER_GONE;
    } else if (error instanceof RuntimeClosedException) {
      return Kind.CLOSED;
    } else if (error instanceof TooManyInFlightException) {
      return Kind.REFUSED;
    } else if (error instanceof WrongLoopException) {
      return Kind.WRONG_LOOP;
    } else if (error instanceof ClosedException) {
      return Kind.REFERENCE_CLOSED;
    }
    return Kind.OTHER;
  }

  /** The exception that the suite's handlers and callbacks throw. */
  static final class Planned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Planned(String message) {
      super(message, null, false, false);
    }
  }
}
