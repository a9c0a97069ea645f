package dev.loopbridge.examples;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Limits what the server accepts: the memory of an image before the image is read, a connection
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

  /** The refusal of an image for which the memory for images has no room at the moment. */
  static Refusal busy() {
    return Refusal.tryAgain("busy", "too many images are under way; try again");
  }

  /** The refusal of a connection beyond the limit. */
  static Refusal tooManyConnections() {
    return Refusal.tryAgain("too_many_connections", "too many connections are open; try again");
  }

  /**
   * Reserves the memory for an image.
   *
   * @param claimed the size to which the image may grow without a further claim, in bytes
   * @param capacity how much of it is allocated at once, in bytes
   * @return a buffer that the caller owns, and whose last release ends the claim
   * @throws Refusal {@link #busy()} if that memory is not available
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

  /** Counts a connection; returns how many are open, with this one. */
  int connectionOpened() {
    return connections.incrementAndGet();
  }

  void connectionClosed() {
    connections.decrementAndGet();
  }

  /** Counts a request that did not make progress in time. */
  void cutOff() {
    cutOff.increment();
  }

  /** The memory that images take, in bytes. */
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
