package dev.loopbridge;

import java.util.concurrent.CompletableFuture;

class StageSettleTest extends SettleContract {

  @Override
  protected OwnerLoop openLoop() {
    return NettyLoop.of(NettyNioLoopTest.newLoop());
  }

  @Override
  protected void shutDownLoop(OwnerLoop opened) {
    NettyNioLoopTest.end(opened);
  }

  @Override
  protected <R> Watched<R> observe(NativeCall<R> call, OwnerLoop owner) {
    Watched<R> watched = new Watched<>(owner);
    CompletableFuture<R> stage = call.toFuture(owner);
    stage.whenComplete(watched::settled);
    return watched.cancelBy(() -> stage.cancel(false));
  }
}
