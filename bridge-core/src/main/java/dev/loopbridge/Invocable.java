package dev.loopbridge;

/** A handler that Rust holds, as one call passed it. */
interface Invocable {

  /** Makes an invocation of Rust's, which does not begin yet. Owner loop only. */
  Invocation invocation(Handlers handlers, long number);
}
