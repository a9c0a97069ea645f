package dev.loopbridge.stress.hygiene;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.LoopRef;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.TooManyInFlightException;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Known;
import dev.loopbridge.kit.Leftovers;
import dev.loopbridge.kit.Work;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;

/**
 * Starts calls of every kind, drawn from a seed: a quarter of them is cancelled, one in twenty
 * panics, one in twenty is refused. Checks the outcome of each.
 */
final class Mix {

  private static final int WINDOW = 64;
  private static final int FULL = 2;
  private static final int HUNDRED = 100;
  private static final int CANCELLED = 25;
  private static final int PANICS = CANCELLED + 5;
  private static final int REFUSED = PANICS + 5;
  private static final int OBJECTS = REFUSED + 9;
  private static final int PINNED = OBJECTS + 4;
  private static final int SHARED = PINNED + 4;
  private static final long PATIENCE_SECONDS = 60;

  private static final List<Work> PLAIN =
      List.of(
          Work.ARRAY,
          Work.BUFFER,
          Work.LENT,
          Work.STRING,
          Work.ASK,
          Work.ASK_NESTED,
          Work.ASK_IN_TURN,
          Work.LOCAL_ASK,
          Work.LOCAL,
          Work.YIELD,
          Work.BLOCKING,
          Work.SLEEP,
          Work.FAIL);

  private final NativeRuntime runtime;

  /** The runtime that has no room for a call. */
  private final NativeRuntime full;

  private final OwnerLoop loop;
  private final SplittableRandom random;
  private final Tally tally;
  private final Semaphore window = new Semaphore(WINDOW);
  private final List<NativeCall<?>> endless;
  private final List<Fn<Void>> panics =
      List.of(
          Fn.PANIC,
          Fn.PANIC_AFTER_YIELD,
          Fn.PANIC_IN_DROP,
          Fn.LOCAL_PANIC,
          Fn.LOCAL_PANIC_AFTER_YIELD);

  Mix(NativeRuntime runtime, NativeRuntime full, OwnerLoop loop, long seed, Tally tally) {
    this.runtime = runtime;
    this.full = full;
    this.loop = loop;
    this.random = new SplittableRandom(seed);
    this.tally = tally;
    JavaHandler<Long, Long> silent =
        JavaHandler.stage(Long.class, Long.class, given -> new CompletableFuture<>());
    endless =
        List.of(
            Fn.NEVER.call(runtime),
            Fn.SLEEP.call(runtime, 100_000L),
            Fn.LOCAL_NEVER.call(runtime),
            Fn.LOCAL_SLEEP.call(runtime, 100_000L),
            Fn.ASK.call(runtime, 1L, silent),
            Fn.LOCAL_ASK.call(runtime, 1L, silent));
    for (int i = 0; i < FULL; i++) {
      Fn.NEVER.call(full).toFuture(loop);
    }
  }

  /** Configures a runtime with so little room that the mix fills it. */
  static NativeRuntime.Builder full(NativeRuntime.Builder builder) {
    return builder.workerThreads(1).maxInFlight(FULL);
  }

  /** Starts {@code calls} calls, a bounded number at once. */
  void run(long calls) throws InterruptedException {
    for (long i = 0; i < calls; i++) {
      if (!window.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a call does not settle: " + runtime.metrics());
      }
      start();
    }
  }

  /** Waits until all calls have settled. */
  void await() throws InterruptedException {
    if (!window.tryAcquire(WINDOW, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          WINDOW - window.availablePermits() + " calls do not settle: " + runtime.metrics());
    }
    window.release(WINDOW);
  }

  private void start() {
    int kind = random.nextInt(HUNDRED);
    if (kind < CANCELLED) {
      cancel(endless.get(random.nextInt(endless.size())));
    } else if (kind < PANICS) {
      NativeCall<Void> panic = panics.get(random.nextInt(panics.size())).call(runtime, "planned");
      settles("panicked", Known.error(panic, NativePanicError.class::isInstance));
    } else if (kind < REFUSED) {
      NativeCall<Long> refused = Fn.ADD.call(full, 1L, 2L);
      settles("refused", Known.error(refused, TooManyInFlightException.class::isInstance));
    } else if (kind < OBJECTS) {
      object(random.nextInt(4) == 0);
    } else if (kind < PINNED) {
      pinned();
    } else if (kind < SHARED) {
      shared();
    } else {
      Work work = PLAIN.get(random.nextInt(PLAIN.size()));
      settles(work.name(), work.make(runtime, loop, random));
    }
  }

  private void cancel(NativeCall<?> call) {
    CompletableFuture<?> stage = call.toFuture(loop);
    settles("cancelled", stage, (value, error) -> error instanceof CancellationException);
    switch (random.nextInt(3)) {
      case 0 -> stage.cancel(false);
      case 1 -> loop.execute(() -> stage.cancel(false));
      default -> Fn.ADD.call(runtime, 1L, 2L).toFuture(loop).thenRun(() -> stage.cancel(false));
    }
  }

  private void object(boolean closes) {
    settles(
        closes ? Tally.CLOSED : Tally.LEFT,
        Known.value(
            Fn.COUNTER.call(runtime, 1L),
            value -> {
              NativeRef object = (NativeRef) value;
              if (closes) {
                object.close();
              }
              return object.loop().equals(loop);
            }));
  }

  private void pinned() {
    Object object = new Object();
    // This may run on any thread; the object is used on its loop.
    CompletableFuture<Boolean> same =
        Fn.GIVE_BACK
            .call(runtime, LoopRef.of(loop, object))
            .toFuture(loop)
            .thenCompose(back -> ((LoopRef<?>) back).call(given -> given == object));
    settles("pinned", same, (is, error) -> error == null && is);
  }

  /** Closes an object right behind the start of a call, which uses it all the same. */
  private void shared() {
    CompletableFuture<Long> sum =
        Fn.OPEN_TALLY
            .call(runtime, 0L)
            .toFuture(loop)
            .thenCompose(
                object -> {
                  try (object) {
                    return Fn.TALLY.call(runtime, object, 5L).toFuture(loop);
                  }
                });
    settles("shared", sum, (value, error) -> error == null && value == 5);
  }

  private void settles(String kind, Known<?> known) {
    settles(kind, known.toFuture(loop), known::isRight);
  }

  private <R> void settles(
      String kind, CompletableFuture<R> stage, BiPredicate<? super R, Throwable> right) {
    stage.whenComplete(
        (value, error) -> {
          boolean holds = false;
          try {
            holds = right.test(value, error);
          } finally {
            tally.count(kind, holds, error == null ? value : error);
            window.release();
          }
        });
  }

  /** Returns what is left at rest; empty if nothing is. The cleaner takes the last objects. */
  String left() {
    return Leftovers.atRest(runtime.metrics());
  }

  /** Returns the counters if there were more wakes than causes; empty if there were not. */
  String storm() {
    RuntimeMetrics now = runtime.metrics();
    return now.wakes() <= now.completions() + now.localPolls()
            && now.doorbells() <= now.submissions()
        ? ""
        : now.toString();
  }

  void close() {
    runtime.close();
    full.close();
  }

  /** Returns what is left of the closed runtimes. */
  String leftAfterClose() {
    return Leftovers.afterClose(runtime.metrics()) + Leftovers.afterClose(full.metrics());
  }
}
