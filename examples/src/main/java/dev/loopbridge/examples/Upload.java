package dev.loopbridge.examples;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request while it arrives, in one direct buffer, which can be lent to Rust as it is.
 * Loop only.
 *
 * <p>A body that grows over the limit, or over the memory that is free, is dropped at once. The
 * engine then answers, and drops what still comes: a client that is sending would not read its
 * answer if the connection were closed.
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
  private @Nullable ImageBuffer collected;
  private @Nullable Refusal refusal;
  private long received;

  /**
   * Makes an empty upload; claims all the memory for a body of declared length, and for another as
   * it grows.
   *
   * @param declared the value of {@code Content-Length}, -1 if there is none
   * @throws Refusal if that memory is not available
   */
  Upload(Admission admission, long declared) {
    expected = declared < 0 ? LIMIT : (int) Math.min(declared, LIMIT);
    int capacity = Math.min(expected, FIRST_BUFFER);
    collected = admission.admit(declared < 0 ? capacity : expected, capacity);
  }

  /** The refusal of a body over the limit. */
  static Refusal tooLarge() {
    return new Refusal(
        413,
        "too_large",
        "the image is larger than " + (LIMIT >> 20) + " MiB, the most that is accepted");
  }

  /** Appends the readable bytes; the buffer stays the caller's. */
  void add(ByteBuf chunk) {
    if (collected == null) {
      return;
    }
    received += chunk.readableBytes();
    try {
      if (received > LIMIT) {
        throw tooLarge();
      }
      if (received > collected.capacity()) {
        collected.grow((int) Math.min(expected, GROWTH * received));
      }
      collected.writeBytes(chunk, chunk.readerIndex(), chunk.readableBytes());
    } catch (Refusal e) {
      refusal = e;
      discard();
    }
  }

  /** Why no more of the body is accepted; null while it is. */
  @Nullable Refusal refusal() {
    return refusal;
  }

  /**
   * Returns the whole body, which the caller then owns.
   *
   * @throws Refusal if the body was refused
   */
  ByteBuf take() {
    if (refusal != null) {
      throw refusal;
    }
    if (received == 0) {
      throw new Refusal(400, "empty_body", "the request has no body; expected an image's bytes");
    }
    ByteBuf taken = collected;
    collected = null;
    return taken;
  }

  /** Frees the collected bytes, unless they were taken. May be called again. */
  void discard() {
    if (collected != null) {
      collected.release();
      collected = null;
    }
  }
}
