/** Rust futures on the JVM's event loops: libraries, runtimes, ports and calls. */
module dev.loopbridge.core {
  requires transitive io.netty.buffer;
  requires transitive io.netty.common;

  exports dev.loopbridge;
  exports dev.loopbridge.spi;

  uses dev.loopbridge.spi.BytesCodec;
  uses dev.loopbridge.spi.LoopFinder;
}
