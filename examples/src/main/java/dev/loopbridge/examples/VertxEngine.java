package dev.loopbridge.examples;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.vertx.CancellableFuture;
import dev.loopbridge.vertx.VertxBridge;
import io.netty.buffer.ByteBuf;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.SocketAddress;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The server on Vert.x: one verticle for each processor, each with a loop of its own. */
final class VertxEngine implements Engine {

  private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

  private final Routes routes;
  private final Vertx vertx;
  private final Queue<HttpServer> servers = new ConcurrentLinkedQueue<>();

  private VertxEngine(Routes routes) {
    this.routes = routes;
    FileSystemOptions files =
        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);
    vertx =
        Vertx.builder()
            .with(new VertxOptions().setFileSystemOptions(files))
            .withTransport(new GuardedTransport(() -> new ConnectionGuard(routes)))
            .build();
  }

  /**
   * Starts listening; blocks until it does.
   *
   * @param where the address to listen on; port 0 for any free one
   * @throws IllegalArgumentException if the system refuses the address
   */
  static VertxEngine start(Routes routes, InetSocketAddress where) {
    VertxEngine engine = new VertxEngine(routes);
    // All verticles share the port: the given one, or the free one that the first of them gets.
    String host = where.getAddress().getHostAddress();
    SocketAddress address =
        where.getPort() == 0
            ? SocketAddress.sharedRandomPort(1, host)
            : SocketAddress.inetSocketAddress(where.getPort(), host);
    DeploymentOptions instances =
        new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors());
    try {
      await(
          engine.vertx.deployVerticle(() -> engine.new Listener(address), instances),
          START_TIMEOUT);
      return engine;
    } catch (RuntimeException e) {
      engine.close(Duration.ZERO);
      throw e.getCause() instanceof BindException reason ? Engine.cannotListen(where, reason) : e;
    }
  }

  @Override
  public int port() {
    return servers.element().actualPort();
  }

  @Override
  public void close(Duration grace) {
    try {
      await(
          Future.join(servers.stream().map(server -> server.shutdown(grace)).toList()),
          grace.plusSeconds(1));
    } finally {
      await(vertx.close(), START_TIMEOUT);
    }
  }

  private static void await(Future<?> future, Duration atMost) {
    try {
      future.toCompletionStage().toCompletableFuture().get(atMost.toMillis(), MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("Vert.x took longer than " + atMost, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Vert.x was starting or stopping", e);
    }
  }

  private final class Listener extends VerticleBase {

    private final SocketAddress address;

    Listener(SocketAddress address) {
      this.address = address;
    }

    @Override
    public Future<?> start() {
      HttpServerOptions options =
          new HttpServerOptions()
              .setHttp2ClearTextEnabled(false)
              .setMaxInitialLineLength(HeadRules.MAX_LINE)
              .setMaxHeaderSize(HeadRules.MAX_HEADERS)
              .setReceiveBufferSize(RECEIVE_BYTES);
      HttpServer server = vertx.createHttpServer(options).requestHandler(this::handle);
      return server.listen(address).onSuccess(servers::add);
    }

    private void handle(HttpServerRequest request) {
      Exchange exchange =
          routes.open(request.method().name(), request.uri(), request.getHeader("content-length"));
      Answer answer = exchange.immediateAnswer();
      if (answer != null) {
        send(request, exchange, answer);
      } else {
        new Reception(request, exchange).begin();
      }
    }
  }

  private static void send(HttpServerRequest request, Exchange exchange, Answer answer) {
    HttpServerResponse response = request.response();
    ByteBuf body = answer.body();
    response.setStatusCode(answer.status());
    response.putHeader("content-type", answer.contentType());
    response.putHeader("content-length", Integer.toString(body.readableBytes()));
    answer.headers().forEach(response::putHeader);
    // Vert.x passes its buffer as it is, and does not release a buffer that it did not allocate.
    Future<Void> sent = response.end(BufferInternal.buffer(body));
    sent.onComplete(end -> answer.release());
    exchange.answered(answer.status());
  }

  /** A request for a thumbnail, from the first byte of its body on. Its loop only. */
  private static final class Reception {

    private final HttpServerRequest request;
    private final Exchange exchange;
    private final Upload upload;
    private @Nullable CancellableFuture<ByteBuf> work;
    private boolean isOver;

    Reception(HttpServerRequest request, Exchange exchange) {
      this.request = request;
      this.exchange = exchange;
      this.upload = exchange.upload();
    }

    void begin() {
      if (request.getHeader("expect") != null) {
        request.response().writeContinue();
      }
      request.handler(this::receive);
      request.endHandler(end -> workOnIt());
      request.exceptionHandler(failure -> abandon());
      request.response().exceptionHandler(failure -> abandon());
      request.response().closeHandler(closed -> abandon());
    }

    private void receive(Buffer chunk) {
      upload.add(VertxBridge.bytes(chunk));
      Refusal refusal = upload.refusal();
      if (refusal != null) {
        refuse(refusal);
      }
    }

    private void workOnIt() {
      if (isOver) {
        return;
      }
      try {
        ByteBuf image = upload.take();
        try {
          work = exchange.work(image, finding()).as(VertxBridge.cancellable());
        } finally {
          image.release();
        }
      } catch (RuntimeException e) {
        refuse(e);
        return;
      }
      work.future().onSuccess(this::finish).onFailure(this::refuse);
    }

    /**
     * The handler that looks a thumbnail up for Rust. Its future cannot be cancelled, so the
     * look-up behind it is.
     */
    private JavaHandler<String, byte[]> finding() {
      return JavaHandler.answering(
          String.class,
          byte[].class,
          (key, answer) -> {
            CompletableFuture<byte[]> found = exchange.find(key);
            Future.fromCompletionStage(found).onComplete(answer::value, answer::error);
            return () -> found.cancel(false);
          });
    }

    private void finish(ByteBuf thumbnail) {
      if (isOver) {
        thumbnail.release();
      } else {
        end(exchange.answer(thumbnail));
      }
    }

    private void refuse(Throwable failure) {
      if (!isOver) {
        end(Answer.refusal(Refusal.of(failure)));
      }
    }

    private void end(Answer answer) {
      isOver = true;
      upload.discard();
      send(request, exchange, answer);
    }

    /** The client has left: cancels the work. */
    private void abandon() {
      if (!isOver) {
        isOver = true;
        upload.discard();
        exchange.abandoned();
        if (work != null) {
          work.cancel();
        }
      }
    }
  }
}
