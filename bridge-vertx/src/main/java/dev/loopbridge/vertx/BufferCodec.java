package dev.loopbridge.vertx;

import dev.loopbridge.spi.BytesCodec;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;

/** Makes {@link Buffer} a class of Rust's bytes, found as a service. */
public final class BufferCodec implements BytesCodec<Buffer> {

  /** For the {@link java.util.ServiceLoader}. */
  public BufferCodec() {}

  @Override
  public Class<Buffer> type() {
    return Buffer.class;
  }

  @Override
  public ByteBuf bytesOf(Buffer value) {
    return VertxBridge.bytes(value);
  }

  @Override
  public Buffer valueOf(byte[] bytes) {
    return VertxBridge.buffer(bytes);
  }
}
