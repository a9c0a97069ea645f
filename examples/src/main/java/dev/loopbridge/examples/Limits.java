package dev.loopbridge.examples;

import io.netty.util.internal.PlatformDependent;
import java.time.Duration;

/**
 * How much the server accepts, for all its loops together, and how long it waits for a client.
 *
 * @param imageBytes the most memory that images take while they arrive and are worked on, in bytes
 * @param connections the most open connections
 * @param head from the first byte of a request to the end of its headers, and from a connection's
 *     beginning to its first byte
 * @param bodyPause the longest pause within a body
 * @param body from the end of the headers to the end of the body
 * @param work from the end of the body to the beginning of the answer
 * @param answer from the beginning of an answer to its end
 * @param idle from an answer to the first byte of the next request
 */
record Limits(
    long imageBytes,
    int connections,
    Duration head,
    Duration bodyPause,
    Duration body,
    Duration work,
    Duration answer,
    Duration idle) {

  /**
   * The default limits. Images take at most half of the memory that the JVM allows for direct
   * buffers, which {@code -Xmx} or {@code -XX:MaxDirectMemorySize} sets: the other half is for the
   * connections' own buffers. One image of the greatest size always fits.
   */
  static Limits ofThisJvm() {
    long direct = PlatformDependent.estimateMaxDirectMemory();
    return new Limits(
        Math.max(Upload.LIMIT, direct / 2),
        1_024,
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(120),
        Duration.ofSeconds(60),
        Duration.ofSeconds(60),
        Duration.ofSeconds(60));
  }
}
