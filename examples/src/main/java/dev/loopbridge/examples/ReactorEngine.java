package dev.loopbridge.examples;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.reactor.ReactorBridge;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/** The server on Reactor Netty. */
final class ReactorEngine implements Engine {

  private static final Logger LOG = System.getLogger(ReactorEngine.class.getName());

  /** The key under which Reactor looks for the handler of errors that come too late. */
  private static final String ON_ERROR_DROPPED = "reactor.onErrorDropped.local";

  private static final Consumer<Throwable> DROPPED = ReactorEngine::dropped;

  private final LoopResources loops;
  private final DisposableServer server;

  private ReactorEngine(LoopResources loops, DisposableServer server) {
    this.loops = loops;
    this.server = server;
  }

  /**
   * Starts listening; blocks until it does.
   *
   * @param address the address to listen on; port 0 for any free one
   * @throws IllegalArgumentException if the system refuses the address
   */
  static ReactorEngine start(Routes routes, InetSocketAddress address) {
    int threads = Runtime.getRuntime().availableProcessors();
    LoopResources loops = LoopResources.create("http", threads, false);
    try {
      DisposableServer server =
          HttpServer.create()
              .bindAddress(() -> address)
              .runOn(loops)
              .httpRequestDecoder(
                  spec ->
                      spec.maxInitialLineLength(HeadRules.MAX_LINE)
                          .maxHeaderSize(HeadRules.MAX_HEADERS))
              .doOnChannelInit(
                  (observer, channel, remote) ->
                      channel
                          .pipeline()
                          .addAfter(NettyPipeline.HttpCodec, "guard", new ConnectionGuard(routes)))
              .childOption(ChannelOption.SO_RCVBUF, RECEIVE_BYTES)
              // A server with a group knows its connections, and lets them finish when it closes.
              .channelGroup(new DefaultChannelGroup(ImmediateEventExecutor.INSTANCE))
              .handle((request, response) -> handle(routes, request, response))
              .bindNow();
      return new ReactorEngine(loops, server);
    } catch (ChannelBindException e) {
      loops.dispose();
      throw Engine.cannotListen(address, e.getCause());
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
        // A connection that has ended needs no answer; its error ends the request below.
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
            })
        // Reactor Netty would log it as an error if the guard has not closed the connection yet.
        .onErrorComplete(AbortedException.class)
        .contextWrite(context -> context.put(ON_ERROR_DROPPED, DROPPED));
  }

  /** Receives the image and starts its work in Rust; cancelled when the client leaves. */
  private static Mono<Answer> thumbnail(HttpServerRequest request, Exchange exchange) {
    return Mono.using(
        exchange::upload,
        upload ->
            request
                .receive()
                .doOnNext(upload::add)
                .takeUntil(chunk -> upload.refusal() != null)
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

  /** The handler that looks a thumbnail up for Rust; the look-up is cancelled if Rust drops it. */
  private static JavaHandler<String, byte[]> finding(Exchange exchange) {
    return ReactorBridge.handler(
        String.class, byte[].class, key -> Mono.fromFuture(exchange.find(key)));
  }

  /** Drops the error of a call whose client has left: no subscriber is there to receive it. */
  private static void dropped(Throwable error) {
    LOG.log(Level.DEBUG, "a call failed after its client had left", error);
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
