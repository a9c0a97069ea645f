package dev.loopbridge.benchmark;

import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * A subscriber that requests the item of a Mono and notifies the pump of the end; serves any Mono.
 */
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
