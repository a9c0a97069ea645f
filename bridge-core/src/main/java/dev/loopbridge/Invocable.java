package dev.loopbridge;

/** A handler that Rust holds, as one call passed it. */
interface Invocable {

  /** Says which type the argument of a request has, so that its release closes an object in it. */
  void describe(NativeResult request);

  /** Makes an invocation of Rust's, which does not begin yet. Owner loop only. */
  Invocation invocation(Handlers handlers, long number);
}
