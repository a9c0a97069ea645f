package dev.loopbridge;

class NettyNioDeadlockTest extends DeadlockHunt {

  @Override
  protected OwnerLoop open() {
    return NettyLoop.of(NettyNioLoopTest.newLoop());
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
