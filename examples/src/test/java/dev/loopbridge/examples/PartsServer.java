package dev.loopbridge.examples;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.reactor.ReactorBridge;
import dev.loopbridge.vertx.VertxBridge;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * A server whose requests make a native call for each part of their body, as it arrives; the answer
 * is how many parts had a thumbnail. It owns its runtime: on SIGTERM it finishes its requests, then
 * closes the runtime.
 */
public final class PartsServer {

  private static final Duration GRACE = Duration.ofSeconds(20);

  private final NativeRuntime runtime =
      NativeRuntime.builder(NativeLibrary.load("thumbnails"))
          .closedByOwner(Duration.ofMinutes(1))
          .build();
  private final NativeFunction<byte[]> thumbnail =
      runtime.function(
          "thumbnail", byte[].class, byte[].class, int.class, Integer.class, String.class);

  private interface Stop {
    void run() throws Exception;
  }

  /** Serves by the engine named, on any free port, until the process gets SIGTERM. */
  public static void main(String... arguments) throws Exception {
    PartsServer server = new PartsServer();
    if (arguments[0].equals("vertx")) {
      server.onVertx();
    } else {
      server.onReactor();
    }
  }

  private NativeCall<byte[]> thumbnailOf(byte[] part) {
    return thumbnail.call(part, 8, null, "png");
  }

  private void onVertx() throws Exception {
    Vertx vertx = Vertx.vertx();
    io.vertx.core.http.HttpServer server = vertx.createHttpServer().requestHandler(this::handle);
    await(server.listen(0, "127.0.0.1"));
    onSigterm(
        () -> {
          try {
            await(server.shutdown(GRACE));
            await(vertx.close());
          } finally {
            runtime.close();
          }
        });
    ready(server.actualPort());
  }

  private void handle(HttpServerRequest request) {
    var parts =
        new Object() {
          Future<Integer> done = Future.succeededFuture(0);
        };
    request.handler(
        part ->
            parts.done =
                parts.done.compose(
                    count ->
                        thumbnailOf(part.getBytes())
                            .as(VertxBridge.future())
                            .map(png -> called(count + 1))));
    request.endHandler(
        end ->
            parts
                .done
                .onSuccess(count -> request.response().end(count + " parts"))
                .onFailure(e -> request.response().setStatusCode(500).end(e.toString())));
  }

  private void onReactor() {
    DisposableServer server =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .channelGroup(new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE))
            .handle(
                (request, response) -> {
                  Mono<String> answer =
                      request
                          .receive()
                          .map(ByteBufUtil::getBytes)
                          .concatMap(part -> thumbnailOf(part).as(ReactorBridge.mono()))
                          .scan(0, (count, png) -> called(count + 1))
                          .last()
                          .map(count -> count + " parts")
                          .doOnError(e -> response.status(500))
                          .onErrorResume(e -> Mono.just(e.toString()));
                  return response.sendString(answer);
                })
            .bindNow();
    onSigterm(
        () -> {
          try {
            server.disposeNow(GRACE);
          } finally {
            runtime.close();
          }
        });
    ready(server.port());
    server.onDispose().block(); // its loops are daemon threads
  }

  private static int called(int count) {
    System.out.println("call " + count);
    return count;
  }

  private static void ready(int port) {
    System.out.println("ready on http://127.0.0.1:" + port);
  }

  private static void onSigterm(Stop stop) {
    Thread hook =
        new Thread(
            () -> {
              try {
                stop.run();
              } catch (Exception e) {
                e.printStackTrace(System.out);
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private static void await(Future<?> future) throws Exception {
    future.toCompletionStage().toCompletableFuture().get(60, SECONDS);
  }
}
