package dev.loopbridge;

import java.nio.ByteBuffer;

/** Opens the plainest of the bridge's downcalls to its benchmark. */
public final class NativeAddress {

  private final int library;

  public NativeAddress(NativeLibrary library) {
    this.library = library.number();
  }

  /** The address of a direct buffer, from the native library. */
  public long of(ByteBuffer direct) {
    return Native.address(library, direct);
  }
}
