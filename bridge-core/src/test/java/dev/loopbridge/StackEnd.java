package dev.loopbridge;

/** Runs tasks where the stack of the calling thread is about to end. */
final class StackEnd {

  private final Runnable task;
  private int left;

  private StackEnd(int levels, Runnable task) {
    left = levels;
    this.task = task;
  }

  /**
   * Calls itself to the end of the stack, and runs the task at each of so many levels on the way
   * back.
   *
   * @param step even or odd: two sizes of a level
   */
  static void climb(int levels, int step, Runnable task) {
    StackEnd end = new StackEnd(levels, task);
    if (step % 2 == 0) {
      end.descend();
    } else {
      end.descend(step, 0);
    }
  }

  private void descend() {
    try {
      descend();
    } catch (StackOverflowError e) {
      // The deepest level from which the task may be run.
    }
    runOnce();
  }

  private long descend(long a, long b) {
    long sum = a;
    try {
      sum += descend(b, a + 1);
    } catch (StackOverflowError e) {
      // The deepest level from which the task may be run.
    }
    runOnce();
    return sum + b;
  }

  private void runOnce() {
    if (left > 0) {
      left--;
      task.run();
    }
  }
}
