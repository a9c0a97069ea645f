package dev.loopbridge;

/**
 * The upcalls of Rust's to one port. {@link Native#portOpen} takes one, and Rust has resolved the
 * methods on this class. It is a class and no interface, since the JVM finds the method of a class
 * by an index and searches for that of an interface.
 */
abstract class PortUpcalls {

  /** A worker moved the wake word to SCHEDULED: one upcall for a burst of records. */
  abstract void wake();

  /**
   * A loop-driven future invokes a handler of this loop's. Owner loop only.
   *
   * @return whether the direct record holds the answer
   */
  abstract boolean ask();
}
