package dev.loopbridge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The memory that one call lends to Rust while its record is written, and the objects of Rust's
 * that it uses. Rust reads the memory in place, so each buffer in here has a reference of the
 * bridge's own until Rust's record frees it (rule 8). It finds the objects when it reads the
 * record, so each has a use of the call's until then.
 *
 * <p>The list has room before a buffer is made or retained, and has the buffer before anything else
 * can fail, so that a write that fails releases it. A port uses one instance again for each call.
 * Owner loop only.
 */
final class LentMemory {

  private final int library;

  private @Nullable Object[] lent = new @Nullable Object[4];
  private int count;

  LentMemory(int library) {
    this.library = library;
  }

  /** Makes a block of direct memory and lends it. */
  ByteBuf block(int length) {
    reserve();
    ByteBuf block = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
    lent[count++] = block;
    return block;
  }

  /** Lends a buffer where it lies. Its owner may release it at any time. */
  void lend(ByteBuf given) {
    reserve();
    lent[count++] = given.retain();
  }

  /** Keeps an object of Rust's for the call; refuses one that is closed. */
  ObjectHold pin(PassedObject object) {
    reserve();
    ObjectHold hold = object.pin();
    lent[count++] = hold;
    return hold;
  }

  private void reserve() {
    if (count == lent.length) {
      lent = Arrays.copyOf(lent, count * 2);
    }
  }

  /** Returns an address; of a buffer that hides its own, Rust finds it by the JNI. */
  long addressOf(ByteBuf buffer, int index, int length) {
    return buffer.hasMemoryAddress()
        ? buffer.memoryAddress() + index
        : Native.address(library, buffer.nioBuffer(index, length));
  }

  /**
   * Returns what this call lends, to be kept until Rust has freed it: null, a {@link ByteBuf}, an
   * {@link ObjectHold} or an array of them. Most calls lend at most one, which needs no array.
   */
  @Nullable Object take() {
    if (count == 0) {
      return null;
    }
    Object taken = count == 1 ? lent[0] : Arrays.copyOf(lent, count);
    Arrays.fill(lent, 0, count, null);
    count = 0;
    return taken;
  }

  /** Releases what a call lends whose write has failed. */
  void releaseAll() {
    while (count > 0) {
      Object last = lent[--count];
      lent[count] = null; // first: the release may fail for want of stack
      release(last);
    }
  }

  /**
   * Releases what {@link #take} returned. Never throws: a buffer that its owner has released too
   * often is logged.
   */
  static void release(@Nullable Object lent) {
    if (lent instanceof ByteBuf buffer) {
      ReferenceCountUtil.safeRelease(buffer);
    } else if (lent instanceof ObjectHold hold) {
      hold.unpin();
    } else if (lent != null) {
      for (Object each : (Object[]) lent) {
        release(each);
      }
    }
  }
}
