package dev.loopbridge;

/** Throws what a caller has caught, checked or not, without wrapping it. */
final class Rethrow {

  private Rethrow() {}

  @SuppressWarnings("unchecked") // no cast is made: the type is erased
  static <E extends Throwable> void unchanged(Throwable thrown) throws E {
    throw (E) thrown;
  }
}
