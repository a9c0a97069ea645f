/** A thumbnail server: Java serves HTTP, Rust does the work, and neither blocks the other. */
module dev.loopbridge.examples {
  requires dev.loopbridge.core;
  requires dev.loopbridge.reactor;
  requires dev.loopbridge.vertx;
  requires io.netty.buffer;
  requires io.netty.codec;
  requires io.netty.codec.http;
  requires io.netty.common;
  requires io.netty.transport;
  requires io.vertx.core;
  requires reactor.core;
  requires reactor.netty.core;
  requires reactor.netty.http;
  requires static org.jspecify;
}
