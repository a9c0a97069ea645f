package dev.loopbridge;

import java.util.Arrays;

/**
 * The invocations of one port that could not begin for want of stack or memory, and that a later
 * turn answers with an error. It has room for as many as there may be at once, which is reserved
 * when a handler is passed: when an invocation is added there may be no memory. Owner loop only.
 */
final class Unbegun {

  private long[] invocations = new long[8];
  private int count;

  /** Makes room for so many invocations. */
  void reserve(int most) {
    if (invocations.length < most) {
      invocations = Arrays.copyOf(invocations, 2 * most);
    }
  }

  boolean isEmpty() {
    return count == 0;
  }

  void add(long invocation) {
    if (count < invocations.length) { // else Rust has sent more than the handlers allow at once
      invocations[count++] = invocation;
    }
  }

  long last() {
    return invocations[count - 1];
  }

  void removeLast() {
    count--;
  }

  /** Removes an invocation that Rust has given up, if it is here. */
  void remove(long invocation) {
    for (int i = 0; i < count; i++) {
      if (invocations[i] == invocation) {
        invocations[i] = invocations[--count];
      }
    }
  }
}
