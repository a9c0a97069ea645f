/** Rust futures as Vert.x futures. */
module dev.loopbridge.vertx {
  requires transitive dev.loopbridge.core;
  requires transitive io.vertx.core;
  requires io.netty.transport;

  exports dev.loopbridge.vertx;

  provides dev.loopbridge.spi.BytesCodec with
      dev.loopbridge.vertx.BufferCodec;
  provides dev.loopbridge.spi.LoopFinder with
      dev.loopbridge.vertx.VertxLoopFinder;
}
