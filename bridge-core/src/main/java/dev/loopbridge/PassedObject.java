package dev.loopbridge;

/**
 * An argument that is an object of Rust's, which all loops may use. The writer of records knows no
 * more of it than this.
 */
abstract class PassedObject {

  /**
   * Begins a use by a call, which ends it by {@link ObjectHold#unpin}; throws if the object is
   * closed.
   */
  abstract ObjectHold pin();
}
