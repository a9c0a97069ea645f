package dev.loopbridge;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class NettyEpollDeadlockTest extends DeadlockHunt {

  @Override
  protected OwnerLoop open() {
    return NettyLoop.of(new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory()).next());
  }

  @Override
  protected void shutDown(OwnerLoop opened) {
    NettyNioLoopTest.end(opened);
  }

  @Override
  protected boolean refusesToWait() {
    return true;
  }
}
