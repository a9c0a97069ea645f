package dev.loopbridge.reactor;

import dev.loopbridge.NativeCall;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.SettleContract;
import dev.loopbridge.Watched;
import reactor.core.publisher.BaseSubscriber;

class MonoSettleTest extends SettleContract {

  @Override
  protected OwnerLoop openLoop() {
    return Loops.netty();
  }

  @Override
  protected void shutDownLoop(OwnerLoop opened) {
    Loops.end(opened);
  }

  @Override
  protected boolean signalsCancel() {
    return false;
  }

  @Override
  protected <R> Watched<R> observe(NativeCall<R> call, OwnerLoop owner) {
    Watched<R> watched = new Watched<>(owner);
    BaseSubscriber<R> subscriber =
        new BaseSubscriber<>() {
          private R value;

          @Override
          protected void hookOnNext(R next) {
            value = next;
          }

          @Override
          protected void hookOnComplete() {
            watched.settled(value, null);
          }

          @Override
          protected void hookOnError(Throwable error) {
            watched.settled(null, error);
          }
        };
    call.as(ReactorBridge.mono(owner)).subscribe(subscriber);
    return watched.cancelBy(subscriber::cancel);
  }
}
