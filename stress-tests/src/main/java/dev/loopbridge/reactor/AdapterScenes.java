package dev.loopbridge.reactor;

import dev.loopbridge.HandLoop;
import dev.loopbridge.RaceGround;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.scheduler.Scheduler;

/** What Lincheck tries of Reactor's adapters. */
public final class AdapterScenes {

  private AdapterScenes() {}

  /** A worker: threads schedule on it, the loop runs what it queues there. */
  public static class Worker {

    private final HandLoop loop = new HandLoop();
    private final Scheduler.Worker worker = new OwnerLoopScheduler(loop).createWorker();

    private volatile int scheduled;
    private volatile int ran;

    /** Idle. */
    public Worker() {}

    /** Schedules one task. */
    @Operation
    public void schedule() {
      synchronized (this) {
        scheduled++;
      }
      worker.schedule(() -> ran++);
    }

    /** The loop runs what is queued. */
    @Operation(nonParallelGroup = "loop")
    public void run() {
      loop.run();
    }

    /** Each task ran once, or a drain is queued. */
    @Validate
    public void noTaskIsLost() {
      if (loop.queued() > 1) {
        throw new IllegalStateException(loop.queued() + " drains are queued");
      }
      if (ran > scheduled || loop.queued() == 0 && ran != scheduled) {
        throw new IllegalStateException("scheduled " + scheduled + ", ran " + ran);
      }
    }
  }

  /** A subscription: its value comes once, its subscriber may cancel. */
  public static final class Value implements CoreSubscriber<Long> {

    private final NativeSubscription<Long> subscription =
        new NativeSubscription<>(RaceGround.ADD, RaceGround.LOOP, this);

    // The loop only.
    private int values;
    private int ends;

    /** Not started. */
    public Value() {}

    /** The value comes; how many signals that made. */
    @Operation(nonParallelGroup = "loop", runOnce = true)
    public int value() {
      subscription.value(42L);
      return values + ends;
    }

    /** The subscriber gives it up. */
    @Operation
    public void cancel() {
      subscription.cancel();
    }

    @Override
    public void onSubscribe(Subscription given) {
      throw new IllegalStateException("the subscription is there");
    }

    @Override
    public void onNext(Long value) {
      values++;
    }

    @Override
    public void onError(Throwable error) {
      ends += 100;
    }

    @Override
    public void onComplete() {
      ends++;
    }
  }

  /** What {@link Value} must look like. */
  public static class ValueOrNothing {

    private boolean cancelled;

    /** Not started. */
    public ValueOrNothing() {}

    /** Value and end, or neither. */
    public int value() {
      return cancelled ? 0 : 2;
    }

    /** From here on nothing is signalled. */
    public void cancel() {
      cancelled = true;
    }
  }
}
