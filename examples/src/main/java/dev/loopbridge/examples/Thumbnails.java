package dev.loopbridge.examples;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The functions of the Rust crate in {@code examples/native}, with their Java types. */
final class Thumbnails {

  /** The name of the crate's library. */
  static final String LIBRARY = "thumbnails";

  /**
   * What one call takes of {@link NativeRuntime.Builder#maxInFlight}: a place for itself, one for
   * its handler and one for the look-up.
   */
  static final int PLACES = 3;

  private final NativeFunction<ByteBuf> cachedThumbnail;

  /**
   * Looks the functions up.
   *
   * @param runtime a runtime of the library {@link #LIBRARY}
   */
  Thumbnails(NativeRuntime runtime) {
    cachedThumbnail =
        runtime.function(
            "cachedThumbnail",
            ByteBuf.class,
            ByteBuf.class,
            int.class,
            Integer.class,
            String.class,
            JavaHandler.class);
  }

  /**
   * Makes the thumbnail of an encoded JPEG, PNG, WebP or GIF image: turned upright, fitted into
   * width and height with its aspect ratio kept, never enlarged. Before Rust begins it asks for one
   * made before. Fails with a {@link dev.loopbridge.NativeException} that {@link Refusal#of}
   * understands.
   *
   * @param image the caller's; lent to Rust without copying if it is one direct buffer
   * @param width the most pixels it may be wide
   * @param height the most pixels it may be high; null for as many as the width entails
   * @param format {@code png}, {@code jpeg}, {@code webp}, or {@code auto} for what suits the
   *     picture
   * @param find answers with the thumbnail of the key that Rust gives it, or null if there is none;
   *     if it fails, there is none
   * @return the call, whose result its receiver releases
   */
  NativeCall<ByteBuf> thumbnail(
      ByteBuf image,
      int width,
      @Nullable Integer height,
      String format,
      JavaHandler<String, byte[]> find) {
    return cachedThumbnail.call(image, width, height, format, find.atOnce(1));
  }
}
