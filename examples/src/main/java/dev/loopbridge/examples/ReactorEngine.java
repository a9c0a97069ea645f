package dev.loopbridge.examples;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.reactor.ReactorBridge;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** The server on Reactor Netty. */
final class ReactorEngine implements Engine {

  private static final Logger LOG = System.getLogger(ReactorEngine.class.getName());

  private final LoopResources loops;
  private final DisposableServer server;

  private ReactorEngine(LoopResources loops, DisposableServer server) {
    this.loops = loops;
    this.server = server;
  }

  /**
   * Starts listening; blocks until it does.
   *
   * @param port the port, 0 for any free one
   * @throws IllegalArgumentException if the port cannot be had
   */
  static ReactorEngine start(Routes routes, int port) {
    int threads = Runtime.getRuntime().availableProcessors();
    LoopResources loops = LoopResources.create("http", threads, false);
    try {
      DisposableServer server =
          HttpServer.create()
              .host(HOST)
              .port(port)
              .runOn(loops)
              .readTimeout(IDLE_TIMEOUT)
              .idleTimeout(IDLE_TIMEOUT)
              .childOption(ChannelOption.SO_RCVBUF, RECEIVE_BYTES)
              // With a group the server knows its connections, and lets them finish when it closes.
              .channelGroup(new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE))
              .handle((request, response) -> handle(routes, request, response))
              .bindNow();
      return new ReactorEngine(loops, server);
    } catch (ChannelBindException e) {
      loops.dispose();
      throw Engine.cannotListen(port, e.getCause());
    }
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public void close(Duration grace) {
    try {
      server.disposeNow(grace);
    } catch (IllegalStateException e) {
      LOG.log(Level.INFO, "requests that took longer than {0} end with their connections", grace);
    }
    loops.disposeLater(Duration.ZERO, grace).block();
  }

  private static Publisher<Void> handle(
      Routes routes, HttpServerRequest request, HttpServerResponse response) {
    Exchange exchange =
        routes.open(
            request.method().name(), request.uri(), request.requestHeaders().get("content-length"));
    Answer immediate = exchange.immediateAnswer();
    Mono<Answer> answer = immediate != null ? Mono.just(immediate) : thumbnail(request, exchange);
    return answer
        // A connection that is gone needs no answer; its error ends the request below.
        .onErrorResume(
            failure -> !(failure instanceof AbortedException),
            failure -> Mono.just(Answer.refusal(Refusal.of(failure))))
        .flatMap(ready -> send(response, exchange, ready))
        .doOnDiscard(Answer.class, Answer::release)
        .doFinally(
            end -> {
              if (end != SignalType.ON_COMPLETE) {
                exchange.abandoned();
              }
            });
  }

  /** Receives the image and has it worked on; cancelled when the client leaves. */
  private static Mono<Answer> thumbnail(HttpServerRequest request, Exchange exchange) {
    return Mono.using(
        exchange::upload,
        upload ->
            request
                .receive()
                .doOnNext(upload::add)
                .takeUntil(chunk -> upload.isTooLarge())
                .then(Mono.defer(() -> work(exchange, upload))),
        Upload::discard);
  }

  private static Mono<Answer> work(Exchange exchange, Upload upload) {
    return Mono.using(
        upload::take,
        image ->
            exchange.work(image, finding(exchange)).as(ReactorBridge.mono()).map(exchange::answer),
        ByteBuf::release);
  }

  /** What Rust asks for a thumbnail; disposed of, and the look-up with it, if it gives up. */
  private static JavaHandler<String, byte[]> finding(Exchange exchange) {
    return ReactorBridge.handler(
        String.class, byte[].class, key -> Mono.fromFuture(exchange.find(key)));
  }

  private static Mono<Void> send(HttpServerResponse response, Exchange exchange, Answer answer) {
    response.status(answer.status());
    response.header("content-type", answer.contentType());
    response.header("content-length", Integer.toString(answer.body().readableBytes()));
    answer.headers().forEach(response::header);
    return response
        .sendObject(answer.body())
        .then()
        .doFirst(() -> exchange.answered(answer.status()));
  }
}
