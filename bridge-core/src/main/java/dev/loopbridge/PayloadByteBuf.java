package dev.loopbridge;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.nio.ByteBuffer;

/**
 * Bytes that Rust made and lent to Java: released to Rust, from any thread, with the last
 * reference.
 */
final class PayloadByteBuf extends UnpooledDirectByteBuf {

  static final ResourceLeakDetector<PayloadByteBuf> LEAKS =
      ResourceLeakDetectorFactory.instance().newResourceLeakDetector(PayloadByteBuf.class);

  private final NativeHalf nativeHalf;
  private final long ticket;
  private final ResourceLeakTracker<PayloadByteBuf> leak;

  private PayloadByteBuf(NativeHalf nativeHalf, long ticket, ByteBuffer view) {
    super(UnpooledByteBufAllocator.DEFAULT, view, view.capacity());
    this.nativeHalf = nativeHalf;
    this.ticket = ticket;
    this.leak = LEAKS.track(this);
  }

  static PayloadByteBuf of(NativeHalf nativeHalf, long ticket, String function) {
    ByteBuffer view = nativeHalf.viewPayload(ticket);
    PayloadByteBuf buffer = new PayloadByteBuf(nativeHalf, ticket, view);
    if (buffer.leak != null) {
      buffer.leak.record("the result of native function " + function);
    }
    return buffer;
  }

  @Override
  public PayloadByteBuf touch(Object hint) {
    if (leak != null) {
      leak.record(hint);
    }
    return this;
  }

  @Override
  protected void deallocate() {
    super.deallocate();
    nativeHalf.releasePayload(ticket);
    if (leak != null) {
      leak.close(this);
    }
  }
}
