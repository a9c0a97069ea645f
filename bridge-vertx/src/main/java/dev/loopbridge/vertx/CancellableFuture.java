package dev.loopbridge.vertx;

import io.vertx.core.Future;
import java.util.concurrent.CancellationException;

/**
 * A started call that can be cancelled, which a Vert.x future by itself cannot. May be used on any
 * thread.
 *
 * <pre>{@code
 * CancellableFuture<Buffer> thumbnail = resize.call(image, 200).as(VertxBridge.cancellable());
 * request.connection().closeHandler(gone -> thumbnail.cancel());
 * thumbnail.future().onSuccess(png -> request.response().end(png));
 * }</pre>
 *
 * @param <R> the result of the call
 */
public final class CancellableFuture<R> {

  private final VertxCall<R> call;

  CancellableFuture(VertxCall<R> call) {
    this.call = call;
  }

  /** The future of the call; it completes on the context for which the call was started. */
  public Future<R> future() {
    return call.future();
  }

  /**
   * Drops the Rust future within one poll and fails {@link #future} with a {@link
   * CancellationException} at once; its handlers run on its context. A value that comes later is
   * released.
   *
   * @return whether this ended the call; false if it had settled or was cancelled before
   */
  public boolean cancel() {
    return call.cancel();
  }

  @Override
  public String toString() {
    return "CancellableFuture(" + call.future() + ")";
  }
}
