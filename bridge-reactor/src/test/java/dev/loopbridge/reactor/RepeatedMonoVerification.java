package dev.loopbridge.reactor;

import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The rules of the TCK that need several elements, on a Mono that repeats its call as demand
 * allows.
 */
public class RepeatedMonoVerification extends MonoVerification {

  @Override
  public Publisher<Long> createPublisher(long elements) {
    Mono<Long> mono = createMono();
    return elements == 0 ? Flux.empty() : mono.repeat(elements - 1);
  }

  @Override
  public long maxElementsFromPublisher() {
    return Long.MAX_VALUE - 1;
  }
}
