package dev.loopbridge.vertx;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;

/**
 * An array as a Netty buffer that can grow, which one of {@code Unpooled.wrappedBuffer} cannot: a
 * Vert.x buffer may be appended to. Needs no release.
 */
final class OwnedBytes extends UnpooledHeapByteBuf {

  OwnedBytes(byte[] bytes) {
    super(UnpooledByteBufAllocator.DEFAULT, bytes, Integer.MAX_VALUE);
  }
}
