package dev.loopbridge.examples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request while it arrives, in one direct buffer: what can be lent to Rust as it is.
 * Loop only.
 *
 * <p>A body that grows over the limit is dropped at once. An engine answers then, and throws away
 * what still comes: a client that is sending would not read its answer if the connection were
 * closed.
 */
final class Upload {

  /** The largest body, in bytes. */
  static final int LIMIT = 16 << 20;

  private static final int FIRST_BUFFER = 64 << 10;

  /**
   * How many times a full buffer grows. Memory follows what has come, not what was declared; and
   * since fresh memory is expensive, no loop takes much of it in one turn.
   */
  private static final int GROWTH = 4;

  private final int expected;
  private @Nullable ByteBuf collected;
  private long received;

  /**
   * Begins with nothing.
   *
   * @param declared the value of {@code Content-Length}, -1 if there is none
   */
  Upload(long declared) {
    this.expected = declared < 0 ? LIMIT : (int) Math.min(declared, LIMIT);
    collected = ByteBufAllocator.DEFAULT.directBuffer(Math.min(expected, FIRST_BUFFER), LIMIT);
  }

  /** What a body over the limit is answered with. */
  static Refusal tooLarge() {
    return new Refusal(
        413,
        "too_large",
        "the image is larger than " + (LIMIT >> 20) + " MiB, the most that is accepted");
  }

  /** Takes in the readable bytes; they stay the caller's. */
  void add(ByteBuf chunk) {
    received += chunk.readableBytes();
    if (received > LIMIT) {
      discard();
    } else if (collected != null) {
      if (received > collected.capacity()) {
        collected.capacity((int) Math.min(expected, GROWTH * received));
      }
      collected.writeBytes(chunk, chunk.readerIndex(), chunk.readableBytes());
    }
  }

  /** Whether more came than is accepted. */
  boolean isTooLarge() {
    return received > LIMIT;
  }

  /**
   * Hands over the whole body, which the caller then owns.
   *
   * @throws Refusal if there is none
   */
  ByteBuf take() {
    if (collected == null) {
      throw tooLarge();
    }
    if (received == 0) {
      throw new Refusal(400, "empty_body", "the request has no body; expected an image's bytes");
    }
    ByteBuf taken = collected;
    collected = null;
    return taken;
  }

  /** Frees what was collected, unless it was taken. May be called again. */
  void discard() {
    if (collected != null) {
      collected.release();
      collected = null;
    }
  }
}
