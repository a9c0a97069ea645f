package dev.loopbridge.benchmark;

import dev.loopbridge.RawPort;
import io.netty.channel.EventLoop;
import io.vertx.core.Completable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;

/**
 * Repeats on the loop work that is over when its call returns. Each arm has its own code of the
 * repetition, so that the JVM compiles it for this arm alone.
 */
final class Repeated implements Arm {

  /** Does the work so many times; returns the sum of the results. */
  interface Work {
    long repeat(int times) throws Exception;
  }

  private static final int BETWEEN_CLOCK_READS = 1 << 12;

  private final String name;
  private final EventLoop loop;
  private final long each;
  private final Work work;

  /**
   * @param each the result that the work must have each time
   */
  Repeated(String name, EventLoop loop, long each, Work work) {
    this.name = name;
    this.loop = loop;
    this.each = each;
    this.work = work;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long run(long nanos) throws Exception {
    CompletableFuture<Long> ended = new CompletableFuture<>();
    loop.execute(
        () -> {
          try {
            ended.complete(repeat(nanos));
          } catch (Throwable e) {
            ended.completeExceptionally(e);
          }
        });
    return ended.get();
  }

  private long repeat(long nanos) throws Exception {
    long deadline = System.nanoTime() + nanos;
    long operations = 0;
    do {
      long sum = work.repeat(BETWEEN_CLOCK_READS);
      if (sum != each * BETWEEN_CLOCK_READS) {
        throw new IllegalStateException(
            name + ": what came out adds up to " + sum + ", not " + BETWEEN_CLOCK_READS * each);
      }
      operations += BETWEEN_CLOCK_READS;
    } while (System.nanoTime() < deadline);
    return operations;
  }

  /** Sums up the results of calls, by any kind of callback. A failed call is missing in the sum. */
  static final class Sum implements RawPort.Callback, CoreSubscriber<Long>, Completable<Long> {

    final BiConsumer<Long, Throwable> completed = this::complete;

    private long sum;

    /** Returns the sum since the last call of this method. */
    long take() {
      long taken = sum;
      sum = 0;
      return taken;
    }

    @Override
    public void ended(long ticket, Object outcome) {
      if (RawPort.isValue(outcome)) {
        sum += RawPort.longValue(outcome);
      }
    }

    @Override
    public void complete(Long value, Throwable error) {
      if (error == null) {
        sum += value;
      }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(Long value) {
      sum += value;
    }

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onComplete() {}
  }
}
