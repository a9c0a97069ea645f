package dev.loopbridge;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.TimeUnit;

class NettyNioLoopTest extends LoopContract {

  static EventLoop newLoop() {
    return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()).next();
  }

  static void end(OwnerLoop loop) {
    ((NettyLoop) loop).executor().parent().shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
  }

  @Override
  protected OwnerLoop open() {
    return NettyLoop.of(newLoop());
  }

  @Override
  protected void shutDown(OwnerLoop opened) {
    end(opened);
  }

  @Override
  protected OwnerLoop again(OwnerLoop opened) {
    return NettyLoop.of(((NettyLoop) opened).executor());
  }
}
