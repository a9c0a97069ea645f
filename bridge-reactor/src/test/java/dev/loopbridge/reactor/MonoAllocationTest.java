package dev.loopbridge.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.loopbridge.Builtin;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/** What a subscription allocates on its loop's thread after warm-up, in bytes. */
class MonoAllocationTest {

  private static final int IN_FLIGHT = 64;
  private static final int WARM_UP_CALLS = 400_000;
  private static final int CALLS = 100_000;

  /** The JIT compiler and Netty's queues need a while to settle, so the best window counts. */
  private static final int WINDOWS = 20;

  /** The subscription, which is also the target of the call, and the call's handle. */
  private static final long SUBSCRIPTION_BYTES = 64;

  /** A boxed {@code Long}. */
  private static final long LONG_BYTES = 24;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final NativeRuntime runtime = Builtin.runtime();
  private final NettyLoop loop = Loops.netty();

  @AfterEach
  void closeAll() {
    Builtin.awaitNothingLeft(runtime);
    Loops.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  /** Keeps a number of subscriptions going, all on the loop; measures over windows of calls. */
  private static final class Again<R> implements CoreSubscriber<R> {

    private final CompletableFuture<Long> best = new CompletableFuture<>();
    private final Mono<R> mono;
    private int left = WARM_UP_CALLS;
    private int windows;
    private long before = -1;
    private long least = Long.MAX_VALUE;

    private Again(Mono<R> mono) {
      this.mono = mono;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(R value) {}

    @Override
    public void onError(Throwable error) {
      best.completeExceptionally(error);
    }

    @Override
    public void onComplete() {
      if (--left == 0) {
        window();
        left = CALLS;
      }
      if (windows < WINDOWS) {
        mono.subscribe((Subscriber<R>) this);
      }
    }

    private void window() {
      long now = THREADS.getCurrentThreadAllocatedBytes();
      if (before >= 0) {
        least = Math.min(least, now - before);
        windows++;
      }
      if (windows == WINDOWS) {
        best.complete(least);
      }
      before = THREADS.getCurrentThreadAllocatedBytes();
    }
  }

  private <R> double bytesPerSubscription(NativeCall<R> call) throws Exception {
    Mono<R> mono = call.as(ReactorBridge.mono(loop));
    Again<R> subscriber = new Again<>(mono);
    loop.execute(
        () -> {
          for (int i = 0; i < IN_FLIGHT; i++) {
            mono.subscribe((Subscriber<R>) subscriber);
          }
        });
    return (double) subscriber.best.get(120, TimeUnit.SECONDS) / CALLS;
  }

  @Test
  void aSubscriptionAllocatesNoMoreThanStated() throws Exception {
    assertThat(bytesPerSubscription(runtime.function("noop", Void.class).call()))
        .isPositive()
        .isLessThanOrEqualTo(SUBSCRIPTION_BYTES);
  }

  @Test
  void aValueAddsItselfOnly() throws Exception {
    NativeCall<Long> add =
        runtime.function("add", Long.class, long.class, long.class).call(1_000L, 2_000L);
    assertThat(bytesPerSubscription(add))
        .isPositive()
        .isLessThanOrEqualTo(SUBSCRIPTION_BYTES + LONG_BYTES);
  }
}
