package dev.loopbridge;

/**
 * An argument of which Rust gets a name and no bytes: a handler or an object that the loop holds
 * for Rust, or an object of Rust's own. The writer of records knows no more of it than this.
 */
abstract class Passed {

  /** The places that it takes while Rust holds it ({@link Admission}); 0 if Java holds nothing. */
  abstract int units();

  /**
   * Has the loop hold it for Rust. Owner loop only; throws if it is of another loop or port.
   *
   * @param objects of the port that passes it
   * @param type the type that the function takes
   * @return its name, with the slot in the lower half and the generation in the upper
   */
  abstract long passTo(ObjectTable objects, ValueType type);
}
