package dev.loopbridge.examples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request while it arrives, in one direct buffer: what can be lent to Rust as it is.
 * Loop only.
 *
 * <p>A body that grows over the limit is dropped at once, and the rest of it is counted and thrown
 * away: a client that is still sending would not read its answer if the connection were closed.
 */
final class Upload {

  /** The largest body, in bytes. */
  static final int LIMIT = 16 << 20;

  /** How much of a refused body is thrown away before the connection is given up, in bytes. */
  private static final long PATIENCE = 4L * LIMIT;

  /** What a client gets on its word alone, in bytes: most images fit, and a lie costs little. */
  private static final int FIRST_BUFFER = 1 << 20;

  private final long declared;
  private @Nullable ByteBuf collected;
  private long received;

  /**
   * Begins with nothing.
   *
   * @param declared the value of {@code Content-Length}, -1 if there is none
   */
  Upload(long declared) {
    this.declared = declared;
    int expected = declared < 0 ? FIRST_BUFFER : (int) Math.min(declared, FIRST_BUFFER);
    collected = ByteBufAllocator.DEFAULT.directBuffer(expected, LIMIT);
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
      if (collected.writableBytes() < chunk.readableBytes() && declared > received) {
        collected.capacity((int) declared); // grows once, not step by step
      }
      collected.writeBytes(chunk, chunk.readerIndex(), chunk.readableBytes());
    }
  }

  /** Whether more came than is accepted. */
  boolean isTooLarge() {
    return received > LIMIT;
  }

  /** Whether so much more came that the client cannot be meaning well. */
  boolean isHopeless() {
    return received > PATIENCE;
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
