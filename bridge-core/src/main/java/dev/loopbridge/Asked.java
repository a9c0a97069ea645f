package dev.loopbridge;

/**
 * One invocation of a handler, from the request of Rust's until it is answered or given up. {@link
 * Handlers} knows no more of it than this.
 */
abstract class Asked extends LoopStep {

  /** A handler as one call passed it, which the port holds for Rust. Immutable. */
  abstract static class Held {

    /** Makes an invocation, which has not begun. */
    abstract Asked ask(Handlers handlers, long invocation);
  }

  /** Runs the handler. Owner loop only. */
  abstract void begin(NativeResult request);

  /** Sends Rust the value of a settled invocation; throws the error that is sent instead. */
  abstract void send(Answers answers);

  /** Cancels the invocation, since Rust has given it up or reads no answer any more. */
  abstract void withdraw();

  /** Ends the invocation without running its cancellation; later answers are dropped. */
  final void close() {
    end(CANCELLED);
  }
}
