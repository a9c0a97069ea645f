package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongPredicate;
import java.util.function.Supplier;

/**
 * One random program of a {@link DeadlockHunt}. Each callback of the bridge (a result, the body of
 * a handler, its cancellation, a raw callback inside the drain, any of these inside the poll of a
 * loop-driven future) and some tasks of the loops do one or two actions, which lead to further
 * callbacks, until all actions are done.
 *
 * <p>What an action does follows from the seed and the number of the action. Which callback gets
 * which number is left to timing, so a seed leads to similar programs, not to equal ones.
 */
final class HuntRound {

  /** How many actions are done in callbacks. */
  static final int ACTIONS = 500;

  /** The deepest nesting of starts: a closed runtime settles a call within its start. */
  private static final int ACTIONS_AFTER_CLOSE = 60;

  private final long seed;
  private final boolean refusesToWait;
  private final HuntTally tally;
  private final HuntCalls calls = new HuntCalls();
  private final NativeRuntime runtime = calls.runtime;
  private final OwnerLoop loop;
  private final OwnerLoop other = runtime.defaultLoop();

  /**
   * No call is started above this many open calls. With few, the loop is often idle; with many,
   * never.
   */
  private final int mostOpen;

  /** The number of the action that closes the runtime; no action does if the program has fewer. */
  private final int closingAction;

  private final boolean closesFromOutside;

  private final AtomicInteger actions = new AtomicInteger();

  /** Each cancels a call that ends by itself, and may have ended. */
  private final Queue<Runnable> cancels = new ConcurrentLinkedQueue<>();

  /** Each cancels a call that does not end by itself. */
  private final Queue<Runnable> lastCancels = new ConcurrentLinkedQueue<>();

  /** Objects of Rust's that an action is yet to use or to close. */
  private final Queue<NativeRef> objects = new ConcurrentLinkedQueue<>();

  private final HuntEnds ends = new HuntEnds(objects, this::act);
  private final HuntHandlers handlers;

  HuntRound(long seed, OwnerLoop loop, boolean refusesToWait, HuntTally tally) {
    this.seed = seed;
    this.tally = tally;
    this.loop = loop;
    this.refusesToWait = refusesToWait;
    handlers = new HuntHandlers(this, calls, ends, tally);
    SplittableRandom random = new SplittableRandom(seed);
    mostOpen = random.nextBoolean() ? 6 : 48;
    boolean closesInside = random.nextInt(3) > 0;
    closingAction =
        closesInside ? ACTIONS - 1 - random.nextInt(ACTIONS_AFTER_CLOSE) : Integer.MAX_VALUE;
    closesFromOutside = random.nextBoolean();
  }

  /** Runs the program to its end, on a thread outside of all loops. */
  void run() {
    SplittableRandom random = new SplittableRandom(~seed);
    Builtin.eventually()
        .until(
            () -> {
              if (actions.get() < ACTIONS) {
                step(random);
                tasks(random);
                awaitCall(); // off the loops
              }
              return actions.get() >= ACTIONS || ends.failure() != null;
            });
    if (closesFromOutside) {
      runtime.close();
    }
    // Otherwise cancels the calls that cannot end by themselves, and the others go on to their end;
    // a handler may just be about to leave its answer to a later action.
    Builtin.eventually()
        .until(
            () -> {
              runAll(lastCancels);
              runAll(handlers.answers());
              closeObjects();
              return ends.ended() == ends.begun() || ends.failure() != null;
            });
    if (ends.failure() != null) {
      throw new AssertionError(ends.failure());
    }
    closeObjects(); // of calls that ended in between
    Builtin.awaitNothingLeft(runtime);
    // A close that waits gives up after seconds, and its report then is not complete.
    assertThat(runtime.close(Duration.ZERO).unresponsiveLoops()).isEmpty();
    Builtin.closeAndAwaitNothingLeft(runtime);
    assertThat(ends.ended()).isEqualTo(ends.begun());
    assertThat(ends.failure()).isNull();
  }

  private static void runAll(Queue<Runnable> queue) {
    for (Runnable next = queue.poll(); next != null; next = queue.poll()) {
      next.run();
    }
  }

  private void closeObjects() {
    for (NativeRef next = objects.poll(); next != null; next = objects.poll()) {
      next.close();
    }
  }

  // Actions, on any thread

  /** Runs one action in a callback; its random numbers, or null once all actions are done. */
  SplittableRandom act() {
    int number = actions.getAndIncrement();
    if (number >= ACTIONS) {
      return null;
    }
    SplittableRandom random = new SplittableRandom(seed * ACTIONS + number);
    if (number == closingAction) {
      runtime.close();
    }
    for (int steps = random.nextInt(3); steps >= 0; steps--) {
      step(random);
    }
    return random;
  }

  private void step(SplittableRandom random) {
    try {
      boolean isFull = ends.begun() - ends.ended() >= mostOpen;
      switch (isFull ? 10 + random.nextInt(7) : random.nextInt(17)) {
        case 0, 1 -> {
          OwnerLoop owner = anyLoop(random);
          start(calls.any(random, owner), owner, ends.target(HuntEnds::isThree));
        }
        case 2 -> {
          OwnerLoop owner = anyLoop(random);
          startStage(calls.any(random, owner), owner, HuntEnds::isThree);
        }
        case 3 -> startRaw(calls.any(random, loop));
        case 4, 5, 6 -> handlers.startAsking(random);
        case 7 -> tasks(random);
        case 8, 9 -> useObject(random);
        case 10, 11, 12 -> runOne(random.nextInt(3) == 0 ? lastCancels : cancels);
        case 13 -> runOne(handlers.answers());
        case 14 -> awaitCall();
        case 15 -> closeObject();
        default -> joinStage(random);
      }
    } catch (Throwable e) {
      ends.fail(e);
    }
  }

  private static void runOne(Queue<Runnable> queue) {
    Runnable next = queue.poll();
    if (next != null) {
      next.run();
    }
  }

  private Queue<Runnable> cancelsOf(NativeCall<?> call) {
    return calls.needsCancel(call) ? lastCancels : cancels;
  }

  OwnerLoop anyLoop(SplittableRandom random) {
    return random.nextInt(4) == 0 ? other : loop;
  }

  private void tasks(SplittableRandom random) {
    try {
      anyLoop(random).execute(this::act);
    } catch (RejectedExecutionException e) {
      assertThat(runtime.isClosed()).isTrue(); // the other loop ends with it
    }
  }

  void start(NativeCall<?> call, OwnerLoop owner, HuntEnds.Target target) {
    ends.start(call, owner, target);
    cancelsOf(call).add(target::cancel);
  }

  private <R> void startStage(NativeCall<R> call, OwnerLoop owner, LongPredicate isExpected) {
    CompletableFuture<R> stage = stage(call, owner, isExpected);
    cancelsOf(call).add(() -> stage.cancel(false));
  }

  <R> CompletableFuture<R> stage(NativeCall<R> call, OwnerLoop owner, LongPredicate isExpected) {
    ends.begin();
    CompletableFuture<R> stage = call.toFuture(owner);
    stage.whenComplete(
        (value, error) -> {
          ends.check(value, isExpected);
          ends.check(error);
          ends.endAndAct();
        });
    return stage;
  }

  private void startRaw(NativeCall<?> call) {
    if (!loop.inLoop()) {
      return;
    }
    ends.begin();
    Port port = runtime.on(loop);
    try {
      long started = call.start(port, (ticket, result) -> ends.endAndAct());
      cancelsOf(call).add(() -> cancelRaw(port, started));
    } catch (RuntimeClosedException e) {
      ends.end();
    }
  }

  /**
   * Makes an object if none is held. Otherwise uses one, and then keeps it for others or closes it.
   */
  private void useObject(SplittableRandom random) {
    NativeRef object = objects.poll();
    if (object == null) {
      start(calls.counter, other, ends.target(HuntEnds::isCount));
      return;
    }
    NativeCall<?> call = calls.using(object, random);
    boolean isWrongLoop = random.nextInt(16) == 0;
    tally.objectsUsed().incrementAndGet();
    if (random.nextBoolean()) {
      startStage(call, isWrongLoop ? anyLoop(random) : object.loop(), HuntEnds::isCount);
    } else {
      start(call, isWrongLoop ? anyLoop(random) : object.loop(), ends.target(HuntEnds::isCount));
    }
    if (random.nextBoolean()) {
      object.close(); // its call may have settled, may wait, or may not have begun
    } else {
      objects.add(object);
    }
  }

  private void closeObject() {
    NativeRef object = objects.poll();
    if (object != null) {
      object.close();
    }
  }

  private void cancelRaw(Port port, long ticket) {
    if (!loop.inLoop()) {
      loop.execute(() -> cancelRaw(port, ticket));
    } else if (port.cancel(ticket)) {
      ends.endAndAct();
    }
  }

  // Waiting

  private void awaitCall() {
    ends.begin();
    waitFor(
        () -> {
          try {
            return calls.yield.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          } finally {
            ends.end();
          }
        },
        NettyLoop.current() != null || loop.inLoop() && refusesToWait);
  }

  private void joinStage(SplittableRandom random) {
    OwnerLoop owner = anyLoop(random);
    CompletableFuture<Long> stage = stage(calls.yield, owner, HuntEnds::isThree);
    if (!stage.isDone()) {
      // A call of another loop may be done by now, and then the wait returns at once.
      waitFor(stage::join, owner.isHeldByCaller());
    }
  }

  private void waitFor(Supplier<Long> call, boolean mustRefuse) {
    try {
      assertThat(call.get()).isEqualTo(3);
      assertThat(mustRefuse).as("waited on a loop").isFalse();
      tally.waited().incrementAndGet();
    } catch (BlockingOnLoopException e) {
      boolean isOnLoop =
          mustRefuse || NettyLoop.current() != null || loop.inLoop() && refusesToWait;
      assertThat(isOnLoop).as("refused to wait off the loops").isTrue();
      tally.refused().incrementAndGet();
    } catch (LoopbridgeException | CompletionException | CancellationException e) {
      assertThat(runtime.isClosed()).as("%s", e).isTrue();
    }
  }

  @Override
  public String toString() {
    return "the program of -Dloopbridge.huntSeed=%d on %s: %d actions, %d of %d calls ended, %s"
        .formatted(seed, loop, actions.get(), ends.ended(), ends.begun(), runtime.metrics());
  }
}
