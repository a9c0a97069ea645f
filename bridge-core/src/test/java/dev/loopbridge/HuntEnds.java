package dev.loopbridge;

import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongPredicate;

/**
 * Counts the calls of a {@link HuntRound} that began and that ended, checks what they ended with,
 * and keeps the first failure.
 */
final class HuntEnds {

  private final Queue<NativeRef> objects;
  private final Runnable act;
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /**
   * @param objects receives the objects that calls return
   * @param act runs in the callback of each call that ends
   */
  HuntEnds(Queue<NativeRef> objects, Runnable act) {
    this.objects = objects;
    this.act = act;
  }

  // The values that calls end with. The value of another call would mean that both used one record.

  static boolean isThree(long value) {
    return value == 3;
  }

  static boolean isCount(long value) {
    return value > 0;
  }

  /** One bit for each of up to six invocations. */
  static boolean isAnswer(long value) {
    return value >= 0 && value <= 6;
  }

  void begin() {
    begun.incrementAndGet();
  }

  /** Counts the end of a call that has no callback. */
  void end() {
    ended.incrementAndGet();
  }

  /** Counts the end of a call in its callback, and acts. */
  void endAndAct() {
    end();
    act.run();
  }

  int begun() {
    return begun.get();
  }

  int ended() {
    return ended.get();
  }

  /** The first failure; null if there is none. */
  Throwable failure() {
    return failure.get();
  }

  void fail(Throwable error) {
    failure.compareAndSet(null, error);
  }

  void check(Object value, LongPredicate isExpected) {
    if (value instanceof NativeRef object) {
      objects.add(object);
    } else if (value instanceof Long number && !isExpected.test(number)) {
      fail(new AssertionError("a call returned " + number));
    }
  }

  void check(Throwable error) {
    String text = String.valueOf(error);
    if (text.contains("SignatureMismatchException") || text.contains("InvalidHandleException")) {
      fail(error);
    }
  }

  /** A target of one call, which may end with these values. */
  Target target(LongPredicate isExpected) {
    return new Target(isExpected);
  }

  /** Starts the call of a target. */
  void start(NativeCall<?> call, OwnerLoop owner, Target target) {
    begin();
    target.handle = call.start(owner, target);
  }

  /** Checks that its call ends once, by its result or its cancel, and acts when it does. */
  final class Target implements CallTarget<Object> {

    private final AtomicInteger ends = new AtomicInteger();
    private final LongPredicate isExpected;
    private volatile CallHandle handle;

    private Target(LongPredicate isExpected) {
      this.isExpected = isExpected;
    }

    void cancel() {
      CallHandle started = handle;
      if (started != null && started.cancel()) {
        end();
      }
    }

    @Override
    public void value(Object value) {
      check(value, isExpected);
      end();
    }

    @Override
    public void error(Throwable error) {
      check(error);
      end();
    }

    private void end() {
      if (ends.incrementAndGet() == 1) {
        ended.incrementAndGet();
      } else {
        fail(new AssertionError("a call ended twice"));
      }
      act.run();
    }
  }
}
