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
   * width and height with its aspect ratio kept, never enlarged. Rust first asks {@code find} for
   * an earlier result. Fails with a {@link dev.loopbridge.NativeException} that {@link Refusal#of}
   * maps.
   *
   * @param image the caller's; lent to Rust without copying if it is one direct buffer
   * @param width the greatest width, in pixels
   * @param height the greatest height, in pixels; null for the height that follows from the width
   * @param format {@code png}, {@code jpeg}, {@code webp}, or {@code auto} for the one that suits
   *     the picture
   * @param find returns the thumbnail of the key that Rust passes, or null if there is none; a
   *     failure counts as none
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
