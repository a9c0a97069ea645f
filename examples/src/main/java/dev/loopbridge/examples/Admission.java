package dev.loopbridge.examples;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Decides what the server takes on: the memory of an image before the image is read, a connection
 * before its first request. One object for all loops of both engines; any thread.
 */
final class Admission {

  private final Limits limits;
  private final AtomicLong imageBytes = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();
  private final LongAdder cutOff = new LongAdder();

  Admission(Limits limits) {
    this.limits = limits;
  }

  Limits limits() {
    return limits;
  }

  /** What a client is told that comes when as much is under way as the memory allows. */
  static Refusal busy() {
    return Refusal.tryAgain("busy", "too many images are under way; try again");
  }

  /** What a client is told that opens a connection too many. */
  static Refusal tooManyConnections() {
    return Refusal.tryAgain("too_many_connections", "too many connections are open; try again");
  }

  /**
   * Makes the place for an image to arrive in.
   *
   * @param claimed what the image may grow to without asking again, in bytes
   * @param capacity how much of it is allocated at once, in bytes
   * @return a buffer that the caller owns, and that gives back what it claimed when it is released
   * @throws Refusal {@link #busy()} if that memory cannot be had
   */
  ImageBuffer admit(int claimed, int capacity) {
    claim(claimed);
    try {
      return new ImageBuffer(this, claimed, capacity);
    } catch (OutOfMemoryError e) {
      giveBack(claimed);
      throw busy();
    }
  }

  void claim(long bytes) {
    if (imageBytes.addAndGet(bytes) > limits.imageBytes()) {
      imageBytes.addAndGet(-bytes);
      throw busy();
    }
  }

  void giveBack(long bytes) {
    imageBytes.addAndGet(-bytes);
  }

  /** Counts a connection, and returns how many there are with it. */
  int connectionOpened() {
    return connections.incrementAndGet();
  }

  void connectionClosed() {
    connections.decrementAndGet();
  }

  /** Counts a request that did not go on in time. */
  void cutOff() {
    cutOff.increment();
  }

  /** What images take, in bytes. */
  long imageBytes() {
    return imageBytes.get();
  }

  int connections() {
    return connections.get();
  }

  void writeTo(PrometheusText text) {
    gauge(text, "http_connections", connections(), "Open connections, this one too.");
    gauge(text, "image_bytes", imageBytes(), "Memory admitted for images that are under way.");
    gauge(text, "image_bytes_limit", limits.imageBytes(), "The most that is admitted for images.");
    String name = "http_cut_off_total";
    text.describe(name, "counter", "Requests and answers that a deadline ended.");
    text.sample(name, "", cutOff.sum());
  }

  private static void gauge(PrometheusText text, String name, long value, String help) {
    text.describe(name, "gauge", help);
    text.sample(name, "", value);
  }
}
