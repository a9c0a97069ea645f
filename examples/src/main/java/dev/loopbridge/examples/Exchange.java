package dev.loopbridge.examples;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One request from its head to its answer: what its head alone decided, and how it ended.
 *
 * <p>An engine sends {@link #immediateAnswer()} if there is one. Otherwise the client wants a
 * thumbnail: the engine collects the {@link #upload()}, starts {@link #work}, lets Rust {@link
 * #find} an earlier result and sends the {@link #answer} for the thumbnail. It reports the end
 * exactly once, by {@link #answered} or {@link #abandoned}; a second report changes nothing.
 */
final class Exchange {

  private final Routes routes;
  private final String route;
  private final @Nullable Answer immediateAnswer;
  private final @Nullable ThumbnailRequest wanted;
  private final @Nullable Upload upload;
  private final long begunNanos = System.nanoTime();
  private final AtomicBoolean ended = new AtomicBoolean();

  // The engine's loop only: the key that Rust has asked for, and whether it was found.
  private @Nullable String key;
  private @Nullable CompletableFuture<byte @Nullable []> found;

  private Exchange(
      Routes routes,
      String route,
      @Nullable Answer immediateAnswer,
      @Nullable ThumbnailRequest wanted,
      @Nullable Upload upload) {
    this.routes = routes;
    this.route = route;
    this.immediateAnswer = immediateAnswer;
    this.wanted = wanted;
    this.upload = upload;
  }

  static Exchange answered(Routes routes, String route, Answer answer) {
    return new Exchange(routes, route, answer, null, null);
  }

  static Exchange thumbnail(Routes routes, String route, ThumbnailRequest wanted, Upload upload) {
    return new Exchange(routes, route, null, wanted, upload);
  }

  /** The answer if it does not depend on the body; the caller owns it. */
  @Nullable Answer immediateAnswer() {
    return immediateAnswer;
  }

  /** The buffer for the image; the engine discards it, however the request ends. */
  Upload upload() {
    return upload;
  }

  /**
   * The call that makes the thumbnail in Rust; the image stays the caller's.
   *
   * @param find asks {@link #find} on the engine's loop
   */
  NativeCall<ByteBuf> work(ByteBuf image, JavaHandler<String, byte[]> find) {
    return routes
        .thumbnails()
        .thumbnail(image, wanted.width(), wanted.height(), wanted.format(), find);
  }

  /**
   * Looks for the thumbnail in the cache; completes with null if it is not there. Cancelled if the
   * client leaves meanwhile. Loop only.
   */
  CompletableFuture<byte @Nullable []> find(String key) {
    this.key = key;
    return found = routes.cache().find(key);
  }

  /** The answer with the finished thumbnail, which it then owns. Loop only. */
  Answer answer(ByteBuf thumbnail) {
    if (key != null && !found.isCompletedExceptionally() && found.getNow(null) == null) {
      routes.cache().keep(key, thumbnail);
    }
    return wanted.answer(thumbnail);
  }

  /** Counts the request as answered. */
  void answered(int status) {
    if (ended.compareAndSet(false, true)) {
      routes.metrics().finish(route, status, System.nanoTime() - begunNanos);
    }
  }

  /** Counts the request as one whose connection ended before the answer. */
  void abandoned() {
    answered(HttpMetrics.CLIENT_GONE);
  }
}
