package dev.loopbridge.benchmark;

import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.vertx.VertxBridge;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;

/**
 * A server that does the same two tasks by native code and by Java. A request that fails is
 * answered by 500, and {@link #failure} has the cause.
 */
final class WebRoutes extends VerticleBase {

  static final String NATIVE_ADD = "/native/add";

  /** Answered by a loop-driven function. */
  static final String NATIVE_ADD_LOCAL = "/native/add/local";

  static final String JAVA_ADD = "/java/add";

  /** Answered by the worker pool. */
  static final String JAVA_ADD_ELSEWHERE = "/java/add/elsewhere";

  /** Answered by the next task of the loop. */
  static final String JAVA_ADD_LATER = "/java/add/later";

  static final String NATIVE_THUMBNAIL = "/native/thumbnail";
  static final String JAVA_THUMBNAIL = "/java/thumbnail";

  private static final String HOST = "127.0.0.1";
  private static final long A = 20;
  private static final long B = 22;

  private final NativeFunction<Long> add;
  private final NativeFunction<Long> localAdd;
  private final NativeFunction<ByteBuf> thumbnail;
  private final byte[] picture;
  private final ByteBuf lentPicture;

  private volatile int port;
  private volatile Throwable failure;

  // Only the verticle's loop uses these.
  private final List<Promise<Long>> waiting = new ArrayList<>();
  private int connections;
  private int unanswered;
  private long answered;

  /**
   * @param benchmarks a runtime of the library {@code benchmarks}
   * @param thumbnails a runtime of the library {@code thumbnails}
   * @param picture an image file
   */
  WebRoutes(NativeRuntime benchmarks, NativeRuntime thumbnails, byte[] picture) {
    this.add = Fn.ADD.in(benchmarks);
    this.localAdd = Fn.LOCAL_ADD.in(benchmarks);
    this.thumbnail =
        thumbnails.function(
            "thumbnail", ByteBuf.class, ByteBuf.class, int.class, Integer.class, String.class);
    this.picture = picture;
    this.lentPicture = Unpooled.directBuffer(picture.length).writeBytes(picture);
  }

  @Override
  public Future<?> start() {
    return vertx
        .createHttpServer()
        .connectionHandler(this::connected)
        .requestHandler(this::handle)
        .listen(0, HOST)
        .onSuccess(this::listening);
  }

  @Override
  public Future<?> stop() {
    lentPicture.release();
    return Future.succeededFuture();
  }

  /** Returns the URL of a route once the verticle is deployed. */
  String url(String route) {
    return "http://" + HOST + ":" + port + route;
  }

  /**
   * Completes when no client is connected and no work of earlier clients is left, with the number
   * of requests worked on so far. Any thread may call this.
   */
  Future<Long> idle() {
    Promise<Long> promise = Promise.promise();
    context.runOnContext(
        now -> {
          waiting.add(promise);
          noteIdle();
        });
    return promise.future();
  }

  /**
   * Returns the cause of the latest answer 500; null if there was none. Any thread may call this.
   */
  Throwable failure() {
    return failure;
  }

  private void listening(HttpServer server) {
    port = server.actualPort();
  }

  private void connected(HttpConnection connection) {
    connections++;
    connection.closeHandler(
        closed -> {
          connections--;
          noteIdle();
        });
  }

  private void handle(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    unanswered++;
    try {
      switch (request.path()) {
        case NATIVE_ADD ->
            add.call(A, B)
                .as(VertxBridge.<Long>future())
                .onComplete((sum, error) -> answerSum(response, sum, error));
        case NATIVE_ADD_LOCAL ->
            localAdd
                .call(A, B)
                .as(VertxBridge.<Long>future())
                .onComplete((sum, error) -> answerSum(response, sum, error));
        case JAVA_ADD -> answerSum(response, A + B, null);
        case JAVA_ADD_LATER -> context.runOnContext(later -> answerSum(response, A + B, null));
        case JAVA_ADD_ELSEWHERE ->
            vertx
                .executeBlocking(() -> A + B, false)
                .onComplete((sum, error) -> answerSum(response, sum, error));
        case NATIVE_THUMBNAIL ->
            thumbnail
                .call(lentPicture, Picture.THUMBNAIL_WIDTH, null, "jpeg")
                .as(VertxBridge.<ByteBuf>future())
                .onComplete((jpeg, error) -> answerNativeJpeg(response, jpeg, error));
        case JAVA_THUMBNAIL ->
            vertx
                .executeBlocking(() -> Buffer.buffer(Picture.thumbnail(picture)), false)
                .onComplete((jpeg, error) -> answerJpeg(response, jpeg, error));
        default -> {
          response.setStatusCode(404);
          end(response, Buffer.buffer("no such route"));
        }
      }
    } catch (RuntimeException e) {
      fail(response, e);
    }
  }

  private void answerSum(HttpServerResponse response, Long sum, Throwable error) {
    if (error != null) {
      fail(response, error);
      return;
    }
    end(response, Buffer.buffer(sum.toString()));
  }

  private void answerNativeJpeg(HttpServerResponse response, ByteBuf jpeg, Throwable error) {
    if (error != null) {
      fail(response, error);
      return;
    }
    response.putHeader("content-type", "image/jpeg");
    // The body is read in place; Vert.x releases nothing that it did not allocate.
    end(response, BufferInternal.buffer(jpeg)).onComplete(sent -> jpeg.release());
  }

  private void answerJpeg(HttpServerResponse response, Buffer jpeg, Throwable error) {
    if (error != null) {
      fail(response, error);
      return;
    }
    response.putHeader("content-type", "image/jpeg");
    end(response, jpeg);
  }

  private void fail(HttpServerResponse response, Throwable error) {
    failure = error;
    response.setStatusCode(500);
    end(response, Buffer.buffer(String.valueOf(error.getMessage())));
  }

  /** Notes the end of a request, whether or not its client is still connected. */
  private Future<Void> end(HttpServerResponse response, Buffer body) {
    unanswered--;
    answered++;
    Future<Void> sent = response.closed() ? Future.succeededFuture() : response.end(body);
    noteIdle();
    return sent;
  }

  private void noteIdle() {
    if (connections == 0 && unanswered == 0 && !waiting.isEmpty()) {
      waiting.forEach(promise -> promise.complete(answered));
      waiting.clear();
    }
  }
}
