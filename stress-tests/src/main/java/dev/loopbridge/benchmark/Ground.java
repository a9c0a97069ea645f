package dev.loopbridge.benchmark;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;

/** The shared resources of the arms: one event loop, and executors of as many threads each. */
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
  final NativeRuntime runtime;
  final ForkJoinPool pool = new ForkJoinPool(WORKERS);

  Ground() {
    this(UnaryOperator.identity());
  }

  /** Makes a ground with a runtime of another configuration than most arms have. */
  Ground(UnaryOperator<NativeRuntime.Builder> configured) {
    runtime = open(configured);
    HandWritten.open(WORKERS);
  }

  /** Returns a further runtime, which the caller closes. */
  NativeRuntime open(UnaryOperator<NativeRuntime.Builder> configured) {
    return configured
        .apply(NativeRuntime.builder(library).workerThreads(WORKERS).maxInFlight(1 << 13))
        .build();
  }

  @Override
  public void close() {
    runtime.close();
    pool.shutdown();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
