package dev.loopbridge.examples;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;

/**
 * The direct buffer of one image, and its claim on the server's memory for images. The last release
 * of the buffer ends both; after a client has left, Rust holds it last.
 */
final class ImageBuffer extends UnpooledDirectByteBuf {

  private final Admission admission;

  /** The holder's loop only, until the buffer is released for the last time. */
  private int claimed;

  /** Made by {@link Admission#admit}, which has made the claim. */
  ImageBuffer(Admission admission, int claimed, int capacity) {
    super(UnpooledByteBufAllocator.DEFAULT, capacity, Upload.LIMIT);
    this.admission = admission;
    this.claimed = claimed;
  }

  /**
   * Enlarges the buffer.
   *
   * @param capacity its new capacity, in bytes
   * @throws Refusal if that memory is not available; the buffer stays as it is
   */
  void grow(int capacity) {
    int more = Math.max(0, capacity - claimed);
    admission.claim(more);
    claimed += more;
    try {
      capacity(capacity);
    } catch (OutOfMemoryError e) {
      throw Admission.busy();
    }
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    admission.giveBack(claimed);
  }
}
