package dev.loopbridge;

import java.lang.ref.Cleaner;

/** What a port asks its runtime, and reports to it. Any thread. */
interface RuntimeSide {

  /** Returns the task in the context that the caller is in; see {@link NativeRuntime#carrying}. */
  Runnable carrying(Runnable task);

  /** Returns whether it is closing or closed, so that no call may start. */
  boolean isClosed();

  /** Returns whether the JVM is going down, so that no worker can bring a drain any more. */
  boolean isHalting();

  /** Returns whether Rust has no call, loop-driven ones among them, and no memory that was lent. */
  boolean isRustIdle();

  /** Makes the error of a call that the closed runtime does not take, or does not settle. */
  RuntimeClosedException closedException();

  /** Counts a call in flight that the close has cancelled. */
  void countCancelled(Signature function);

  /** Counts a place in flight that was found taken when Rust had no call left. */
  void countLost(Signature function);

  /** Counts an object of Rust's that was unreachable and not closed. */
  void countForgotten();

  /** A drain was put on a loop; see {@link LoopWatch#drainWaits}. */
  void drainWaits();

  /** Reports objects of Rust's that were not closed; its thread ends with its last object. */
  Cleaner cleaner();

  /** The port has settled all its calls after the runtime's end. */
  void portEnded(PortState port);

  /** The port has no use any more; its counts live on. */
  void forget(PortState port);
}
