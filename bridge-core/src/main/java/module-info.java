/** Rust futures on the JVM's event loops: libraries, runtimes, ports and calls. */
module dev.loopbridge.core {
  requires transitive io.netty.buffer;
  requires transitive io.netty.common;
  requires org.jctools.core.jdk11;

  exports dev.loopbridge;

  uses dev.loopbridge.BytesCodec;
  uses dev.loopbridge.LoopFinder;
}
