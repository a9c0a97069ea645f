package dev.loopbridge.benchmark;

import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/** Asks for the one item of a Mono, and tells the pump when it is through; serves every Mono. */
final class Ending implements CoreSubscriber<Object> {

  private final Pump pump;

  Ending(Pump pump) {
    this.pump = pump;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(Object item) {}

  @Override
  public void onError(Throwable error) {
    pump.ended(error);
  }

  @Override
  public void onComplete() {
    pump.ended(null);
  }
}
