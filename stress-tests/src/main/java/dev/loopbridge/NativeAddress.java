package dev.loopbridge;

import java.nio.ByteBuffer;

/** Opens the bridge's plainest downcall to the benchmark. */
public final class NativeAddress {

  private final int library;

  public NativeAddress(NativeLibrary library) {
    this.library = library.number();
  }

  /** Returns the address of a direct buffer, which the native library finds out. */
  public long of(ByteBuffer direct) {
    return Native.address(library, direct);
  }
}
