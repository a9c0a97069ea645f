package dev.loopbridge.examples;

import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.vertx.VertxBridge;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;

/** The README's example for Vert.x: a server that answers a picture with its thumbnail. */
public final class VertxExample extends VerticleBase {

  private final NativeFunction<Buffer> thumbnail;
  private final int port;

  VertxExample(NativeRuntime runtime, int port) {
    this.thumbnail =
        runtime.function(
            "thumbnail", Buffer.class, Buffer.class, int.class, Integer.class, String.class);
    this.port = port;
  }

  @Override
  public Future<HttpServer> start() {
    return vertx
        .createHttpServer()
        .requestHandler(
            request ->
                request
                    .body()
                    .map(image -> thumbnail.call(image, 200, null, "png"))
                    .compose(call -> call.as(VertxBridge.future())) // cancelled if undeployed
                    .onSuccess(png -> request.response().end(png)) // on this context
                    .onFailure(e -> request.response().setStatusCode(422).end(e.getMessage())))
        .listen(port, "127.0.0.1");
  }

  /** Runs the example until the JVM is stopped. */
  public static void main(String... arguments) {
    NativeRuntime runtime = NativeRuntime.create(NativeLibrary.load("thumbnails"));
    Vertx.vertx().deployVerticle(new VertxExample(runtime, 8081));
  }
}
