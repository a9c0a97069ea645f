package dev.loopbridge;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.assertj.core.api.Assertions;

/** What an observer saw of one call: how often it settled, with what, and whether on its loop. */
public final class Watched<R> {

  private final OwnerLoop loop;
  private final AtomicInteger settlements = new AtomicInteger();
  private final CountDownLatch first = new CountDownLatch(1);

  private volatile Runnable cancel;
  private volatile Supplier<Throwable> failure = () -> null;
  private volatile boolean onLoop;
  private volatile R value;
  private volatile Throwable error;

  /** Watches a call owned by {@code loop}. */
  public Watched(OwnerLoop loop) {
    this.loop = loop;
  }

  /** The cancel that a user of the adapter has. */
  public Watched<R> cancelBy(Runnable action) {
    cancel = action;
    return this;
  }

  /** The source of a future's failure when no loop is left to notify its observer. */
  public Watched<R> failureBy(Supplier<Throwable> reader) {
    failure = reader;
    return this;
  }

  /** The failure that the future itself gives. */
  public Throwable failure() {
    return failure.get();
  }

  /** Records the value or error that the adapter gave. */
  public void settled(R settledValue, Throwable settledError) {
    onLoop = loop.inLoop();
    value = settledValue;
    error = settledError;
    settlements.incrementAndGet();
    first.countDown();
  }

  /** Cancels as a user would, on the calling thread. */
  public void cancel() {
    cancel.run();
  }

  /** How often it settled so far. */
  public int settlements() {
    return settlements.get();
  }

  /** The value, after the call has settled once and on its loop. */
  public R value() {
    awaitSettled(true);
    Assertions.assertThat(error).isNull();
    return value;
  }

  /** The error, after the call has settled once and on its loop. */
  public Throwable error() {
    awaitSettled(true);
    return error;
  }

  /** The error, after the call has settled once, wherever that was. */
  public Throwable errorAnywhere() {
    awaitSettled(false);
    return error;
  }

  private void awaitSettled(boolean onItsLoop) {
    try {
      Assertions.assertThat(first.await(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS))
          .as("settled")
          .isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    Assertions.assertThat(settlements).hasValue(1);
    if (onItsLoop) {
      Assertions.assertThat(onLoop).as("settled on " + loop).isTrue();
    }
  }
}
