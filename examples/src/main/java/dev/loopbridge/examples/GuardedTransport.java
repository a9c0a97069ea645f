package dev.loopbridge.examples;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.spi.transport.Transport;
import java.util.function.Supplier;

/**
 * Vert.x's NIO transport, whose servers put a handler of this example behind the HTTP codec of each
 * connection: the transport is the only place where Vert.x gives access to the pipeline of a
 * server.
 */
final class GuardedTransport implements Transport, io.vertx.core.transport.Transport {

  /** The name that Vert.x gives the last handler of its codec. */
  private static final String CODEC = "httpEncoder";

  private final Transport nio = io.vertx.core.transport.Transport.NIO.implementation();
  private final Supplier<ChannelHandler> guards;

  /**
   * @param guards makes the handler of a connection
   */
  GuardedTransport(Supplier<ChannelHandler> guards) {
    this.guards = guards;
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    ChannelFactory<? extends ServerChannel> factory = nio.serverChannelFactory(domainSocket);
    return () -> {
      ServerChannel server = factory.newChannel();
      server.pipeline().addLast(new Acceptor());
      return server;
    };
  }

  /** Adds an {@link Installer} to each connection before Vert.x initialises it. */
  private final class Acceptor extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object connection) {
      ((Channel) connection).pipeline().addLast(new Installer());
      context.fireChannelRead(connection);
    }
  }

  /** Puts the guard behind the codec once Vert.x has added its handlers, then removes itself. */
  private final class Installer extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.pipeline().addAfter(CODEC, "guard", guards.get());
      context.fireChannelActive();
      context.pipeline().remove(this);
    }
  }

  @Override
  public String name() {
    return "guarded";
  }

  @Override
  public boolean available() {
    return true;
  }

  @Override
  public Throwable unavailabilityCause() {
    return null;
  }

  @Override
  public Transport implementation() {
    return this;
  }

  @Override
  public IoHandlerFactory ioHandlerFactory() {
    return nio.ioHandlerFactory();
  }

  @Override
  @SuppressWarnings("deprecation") // of Netty's class, which Vert.x has in its signature
  public DatagramChannel datagramChannel(InternetProtocolFamily family) {
    return nio.datagramChannel(family);
  }

  @Override
  public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
    return nio.datagramChannelFactory();
  }

  @Override
  public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
    return nio.channelFactory(domainSocket);
  }
}
