package dev.loopbridge.benchmark;

/**
 * The resources that a child JVM used for one run; {@link PeerMain} sends them to {@link PeerChild}
 * as a line of four numbers.
 *
 * @param operations how many operations ended
 * @param bytes the bytes allocated on the heap
 */
record PeerAnswer(long operations, long wallNanos, long cpuNanos, long bytes) {

  /**
   * @throws IllegalArgumentException if the line is anything else
   */
  static PeerAnswer parse(String line) {
    String[] numbers = line.split(" ", -1);
    if (numbers.length != 4) {
      throw new IllegalArgumentException(
          "expected four numbers, the operations, wallNanos, cpuNanos and bytes, not: " + line);
    }
    try {
      return new PeerAnswer(
          Long.parseLong(numbers[0]),
          Long.parseLong(numbers[1]),
          Long.parseLong(numbers[2]),
          Long.parseLong(numbers[3]));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected four numbers, not: " + line, e);
    }
  }

  String line() {
    return operations + " " + wallNanos + " " + cpuNanos + " " + bytes;
  }
}
