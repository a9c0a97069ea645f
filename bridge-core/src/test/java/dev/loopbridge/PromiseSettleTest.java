package dev.loopbridge;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;

class PromiseSettleTest extends SettleContract {

  @Override
  protected OwnerLoop openLoop() {
    return NettyLoop.of(NettyNioLoopTest.newLoop());
  }

  @Override
  protected void shutDownLoop(OwnerLoop opened) {
    NettyNioLoopTest.end(opened);
  }

  /**
   * A promise notifies its listeners on its executor; once that has ended the listeners never run,
   * though the promise has failed.
   */
  @Override
  protected boolean signalsOwnerGone() {
    return false;
  }

  @Override
  protected <R> Watched<R> observe(NativeCall<R> call, OwnerLoop owner) {
    Watched<R> watched = new Watched<>(owner);
    EventExecutor executor = ((NettyLoop) owner).executor();
    Promise<R> promise = call.toPromise(executor);
    promise.addListener(
        (FutureListener<R>)
            (Future<R> done) ->
                watched.settled(done.isSuccess() ? done.getNow() : null, done.cause()));
    return watched.cancelBy(() -> promise.cancel(false)).failureBy(promise::cause);
  }
}
