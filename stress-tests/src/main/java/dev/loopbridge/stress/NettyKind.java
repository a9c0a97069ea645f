package dev.loopbridge.stress;

import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The kinds of one Netty event loop. */
abstract class NettyKind implements LoopKind {

  /** The event loop on Java's selector. */
  public static final class Nio extends NettyKind {

    @Override
    public String name() {
      return "netty-nio";
    }

    @Override
    IoHandlerFactory transport() {
      return NioIoHandler.newFactory();
    }
  }

  /** The event loop on Linux' epoll. */
  public static final class NativeEpoll extends NettyKind {

    @Override
    public String name() {
      return "netty-epoll";
    }

    @Override
    public String unavailable() {
      return Epoll.isAvailable() ? "" : "needs Linux on x86_64 or aarch64";
    }

    @Override
    IoHandlerFactory transport() {
      return EpollIoHandler.newFactory();
    }
  }

  abstract IoHandlerFactory transport();

  @Override
  public Started start() {
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory(name(), /* daemon= */ true), transport());
    OwnerLoop loop = NettyLoop.of(group.next());
    return Started.of(loop, () -> group.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS));
  }
}
