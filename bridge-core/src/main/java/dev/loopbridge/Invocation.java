package dev.loopbridge;

import org.jspecify.annotations.Nullable;

/**
 * One invocation of a handler, as the port knows it: it is pending from Rust's request until its
 * answer, or until Rust has given it up. The body and the answer's type are the subclass's.
 */
abstract class Invocation extends LoopStep {

  /** Rust's number of the invocation. */
  final long number;

  /** Why it failed; null if it has a value. Written by the thread that answers, before the step. */
  @Nullable Throwable error;

  Invocation(long number) {
    this.number = number;
  }

  /** Runs the handler with the argument that the request has. Owner loop only; does not throw. */
  abstract void begin(NativeResult request);

  /** Sends Rust the value; throws if it is none that can be sent. Owner loop only. */
  abstract void sendValue(Answers answers);

  /** Gives the answer for which its thread had no stack, if there is one. Owner loop only. */
  abstract void unpark();

  /** Cancels what the handler has begun, unless it has answered. Owner loop only. */
  abstract void withdraw();

  /** Ends the invocation without cancelling what the handler has begun; drops a later answer. */
  final void close() {
    end(CANCELLED);
    unpark(); // releases the value, which comes too late
  }
}
