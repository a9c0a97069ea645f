package dev.loopbridge;

/**
 * Room on the caller's stack for what follows a decision.
 *
 * <p>A StackOverflowError may come out of any call. Between a decision and its delivery it would
 * part the two, and inside the queue of an executor it may leave a place that is taken and never
 * filled, at which that executor then stops for ever. So code that decides, or hands a task to an
 * executor, calls this first: the error then comes before anything has happened.
 */
final class StackRoom {

  /** With 80 bytes or more for each, compiled; interpreted it is several times that. */
  private static final int FRAMES = 56;

  private StackRoom() {}

  /** Throws StackOverflowError if there is little room. */
  static void require() {
    if (fill(FRAMES, 1, 2, 3, 4, 5, 6, 7, 8) == 0) {
      throw new AssertionError("the sum of positive numbers is zero");
    }
  }

  /** Keeps all its arguments in its frame over the call of the next. */
  private static long fill(
      int left, long a, long b, long c, long d, long e, long f, long g, long h) {
    return left == 0
        ? a
        : fill(left - 1, b, c, d, e, f, g, h, a) + (a | b) + (c | d) + (e | f) + (g | h);
  }
}
