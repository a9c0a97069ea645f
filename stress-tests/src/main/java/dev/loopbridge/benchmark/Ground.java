package dev.loopbridge.benchmark;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.Port;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ForkJoinPool;

/** What all arms stand on: one event loop, and beside it executors of as many threads each. */
final class Ground implements AutoCloseable {

  static final int WORKERS = 2;

  final NativeLibrary library = NativeLibrary.load("benchmarks");
  final Vertx vertx =
      Vertx.builder()
          .with(
              new VertxOptions()
                  .setPreferNativeTransport(true)
                  .setEventLoopPoolSize(1)
                  .setWorkerPoolSize(WORKERS))
          .build();
  final Context context = vertx.getOrCreateContext();
  final EventLoop loop = ((ContextInternal) context).nettyEventLoop();
  final NettyLoop owner = NettyLoop.of(loop);
  final NativeRuntime runtime =
      NativeRuntime.builder(library).workerThreads(WORKERS).maxInFlight(1 << 13).build();
  final Port port = runtime.on(owner);
  final ForkJoinPool pool = new ForkJoinPool(WORKERS);

  Ground() {
    HandWritten.open(WORKERS);
  }

  Crossings crossings() {
    return Crossings.of(runtime.metrics());
  }

  @Override
  public void close() {
    runtime.close();
    pool.shutdown();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
