package dev.loopbridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerAnswer;
import java.time.Duration;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
  private final Tally tally;
  private final NativeRuntime runtime = Builtin.runtime();
  private final OwnerLoop loop;
  private final OwnerLoop other = runtime.defaultLoop();

  private final NativeCall<Long> add =
      runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
  private final NativeCall<Long> yield =
      runtime.function("yieldTimes", Long.class, long.class).call(3L);
  private final NativeCall<Void> sleep = runtime.function("sleep", Void.class, long.class).call(1L);
  private final NativeCall<Void> never = runtime.function("never", Void.class).call();
  private final NativeCall<Void> panic =
      runtime.function("panicInDropPending", Void.class, String.class).call("as planned");
  private final NativeFunction<Long> ask = asking("ask", Long.class);
  private final NativeFunction<Long> askAtOnce = asking("askAtOnce", Long.class);
  private final NativeFunction<Boolean> askOrGiveUp = asking("askOrGiveUp", Boolean.class);

  // Loop-driven
  private final NativeCall<Long> localAdd =
      runtime.function("localAdd", Long.class, long.class, long.class).call(1L, 2L);
  private final NativeCall<Long> localYield =
      runtime.function("localYieldTimes", Long.class, long.class).call(3L);
  private final NativeCall<Void> localSleep =
      runtime.function("localSleep", Void.class, long.class).call(1L);
  private final NativeCall<Void> localNever = runtime.function("localNever", Void.class).call();
  private final NativeCall<Void> localPanic =
      runtime.function("localPanic", Void.class, String.class).call("as planned");
  private final NativeCall<Void> localPanicLater =
      runtime.function("localPanicAfterYield", Void.class, String.class).call("as planned");
  private final NativeFunction<Long> localAsk = asking("localAsk", Long.class);
  private final NativeFunction<Long> localAskInTurn = asking("localAskInTurn", Long.class);
  private final NativeCall<NativeRef> counter =
      runtime.function("counter", NativeRef.class, long.class).call(0L);
  private final NativeFunction<Long> count =
      runtime.function("count", Long.class, NativeRef.class, long.class);
  private final NativeFunction<Long> countLater =
      runtime.function("countLater", Long.class, NativeRef.class, long.class, long.class);
  private final NativeFunction<NativeRef> sameCounter =
      runtime.function("sameCounter", NativeRef.class, NativeRef.class);

  /**
   * No call is started above this many open calls. With few, the loop is often idle; with many,
   * never.
   */
  private final int mostOpen;

  /** The number of the action that closes the runtime; no action does if the program has fewer. */
  private final int closingAction;

  private final boolean closesFromOutside;

  private final AtomicInteger actions = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();

  /** Each cancels a call that ends by itself, and may have ended. */
  private final Queue<Runnable> cancels = new ConcurrentLinkedQueue<>();

  /** Each cancels a call that does not end by itself. */
  private final Queue<Runnable> lastCancels = new ConcurrentLinkedQueue<>();

  /** Each gives the answer of an invocation whose handler has returned without one. */
  private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();

  /** Objects of Rust's that an action is yet to use or to close. */
  private final Queue<NativeRef> objects = new ConcurrentLinkedQueue<>();

  /** Counts what happened in the programs of one hunt. */
  record Tally(
      AtomicInteger withdrawn,
      AtomicInteger waited,
      AtomicInteger refused,
      AtomicInteger askedWithinPoll,
      AtomicInteger objectsUsed) {

    Tally() {
      this(
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger(),
          new AtomicInteger());
    }
  }

  HuntRound(long seed, OwnerLoop loop, boolean refusesToWait, Tally tally) {
    this.seed = seed;
    this.tally = tally;
    this.loop = loop;
    this.refusesToWait = refusesToWait;
    SplittableRandom random = new SplittableRandom(seed);
    mostOpen = random.nextBoolean() ? 6 : 48;
    boolean closesInside = random.nextInt(3) > 0;
    closingAction =
        closesInside ? ACTIONS - 1 - random.nextInt(ACTIONS_AFTER_CLOSE) : Integer.MAX_VALUE;
    closesFromOutside = random.nextBoolean();
  }

  private <R> NativeFunction<R> asking(String name, Class<R> result) {
    return runtime.function(name, result, long.class, JavaHandler.class);
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
              return actions.get() >= ACTIONS || failure.get() != null;
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
              runAll(answers);
              closeObjects();
              return ended.get() == begun.get() || failure.get() != null;
            });
    if (failure.get() != null) {
      throw new AssertionError(failure.get());
    }
    closeObjects(); // of calls that ended in between
    Builtin.awaitNothingLeft(runtime);
    // A close that waits gives up after seconds, and its report then is not complete.
    assertThat(runtime.close(Duration.ZERO).unresponsiveLoops()).isEmpty();
    Builtin.closeAndAwaitNothingLeft(runtime);
    assertThat(ended).hasValue(begun.get());
    assertThat(failure.get()).isNull();
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
  private SplittableRandom act() {
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
      boolean isFull = begun.get() - ended.get() >= mostOpen;
      switch (isFull ? 10 + random.nextInt(7) : random.nextInt(17)) {
        case 0, 1 -> {
          OwnerLoop owner = anyLoop(random);
          start(any(random, owner), owner, new Target(HuntRound::isThree));
        }
        case 2 -> {
          OwnerLoop owner = anyLoop(random);
          startStage(any(random, owner), owner, HuntRound::isThree);
        }
        case 3 -> startRaw(any(random, loop));
        case 4, 5, 6 -> startAsking(random);
        case 7 -> tasks(random);
        case 8, 9 -> useObject(random);
        case 10, 11, 12 -> runOne(random.nextInt(3) == 0 ? lastCancels : cancels);
        case 13 -> runOne(answers);
        case 14 -> awaitCall();
        case 15 -> closeObject();
        default -> joinStage(random);
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private static void runOne(Queue<Runnable> queue) {
    Runnable next = queue.poll();
    if (next != null) {
      next.run();
    }
  }

  /** One of the calls that need no handler and that this loop can own. */
  private NativeCall<?> any(SplittableRandom random, OwnerLoop owner) {
    return switch (random.nextInt(owner.hasOneThread() ? 14 : 6)) {
      case 0 -> add;
      case 1 -> sleep;
      case 2 -> never;
      case 3 -> panic;
      case 6 -> localAdd;
      case 7 -> localSleep;
      case 8 -> localNever;
      case 9 -> random.nextBoolean() ? localPanic : localPanicLater;
      case 10, 11 -> localYield;
      case 12, 13 -> counter;
      default -> yield;
    };
  }

  private Queue<Runnable> cancelsOf(NativeCall<?> call) {
    return call == never || call == localNever || call == panic ? lastCancels : cancels;
  }

  private OwnerLoop anyLoop(SplittableRandom random) {
    return random.nextInt(4) == 0 ? other : loop;
  }

  private void tasks(SplittableRandom random) {
    try {
      anyLoop(random).execute(this::act);
    } catch (RejectedExecutionException e) {
      assertThat(runtime.isClosed()).isTrue(); // the other loop ends with it
    }
  }

  private <R> void start(NativeCall<R> call, OwnerLoop owner, Target target) {
    begun.incrementAndGet();
    target.handle = call.start(owner, target);
    cancelsOf(call).add(target::cancel);
  }

  private <R> void startStage(NativeCall<R> call, OwnerLoop owner, LongPredicate isExpected) {
    CompletableFuture<R> stage = stage(call, owner, isExpected);
    cancelsOf(call).add(() -> stage.cancel(false));
  }

  private <R> CompletableFuture<R> stage(
      NativeCall<R> call, OwnerLoop owner, LongPredicate isExpected) {
    begun.incrementAndGet();
    CompletableFuture<R> stage = call.toFuture(owner);
    stage.whenComplete(
        (value, error) -> {
          check(value, isExpected);
          check(error);
          ended.incrementAndGet();
          act();
        });
    return stage;
  }

  private void startRaw(NativeCall<?> call) {
    if (!loop.inLoop()) {
      return;
    }
    begun.incrementAndGet();
    Port port = runtime.on(loop);
    try {
      long started =
          call.start(
              port,
              (ticket, result) -> {
                ended.incrementAndGet();
                act();
              });
      cancelsOf(call).add(() -> cancelRaw(port, started));
    } catch (RuntimeClosedException e) {
      ended.incrementAndGet();
    }
  }

  /**
   * Makes an object if none is held. Otherwise uses one, and then keeps it for others or closes it.
   */
  private void useObject(SplittableRandom random) {
    NativeRef object = objects.poll();
    if (object == null) {
      start(counter, other, new Target(HuntRound::isCount));
      return;
    }
    NativeCall<?> call =
        switch (random.nextInt(4)) {
          case 0 -> countLater.call(object, 1L, 1L);
          case 1 -> sameCounter.call(object);
          default -> count.call(object, 1L);
        };
    boolean isWrongLoop = random.nextInt(16) == 0;
    tally.objectsUsed.incrementAndGet();
    if (random.nextBoolean()) {
      startStage(call, isWrongLoop ? anyLoop(random) : object.loop(), HuntRound::isCount);
    } else {
      start(call, isWrongLoop ? anyLoop(random) : object.loop(), new Target(HuntRound::isCount));
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

  // The values that calls end with. The value of another call would mean that both used one record.

  private static boolean isThree(long value) {
    return value == 3;
  }

  private static boolean isCount(long value) {
    return value > 0;
  }

  /** One bit for each of up to six invocations. */
  private static boolean isAnswer(long value) {
    return value >= 0 && value <= 6;
  }

  private void check(Object value, LongPredicate isExpected) {
    if (value instanceof NativeRef object) {
      objects.add(object);
    } else if (value instanceof Long number && !isExpected.test(number)) {
      failure.compareAndSet(null, new AssertionError("a call returned " + number));
    }
  }

  private void check(Throwable error) {
    String text = String.valueOf(error);
    if (text.contains("SignatureMismatchException") || text.contains("InvalidHandleException")) {
      failure.compareAndSet(null, error);
    }
  }

  private void cancelRaw(Port port, long ticket) {
    if (!loop.inLoop()) {
      loop.execute(() -> cancelRaw(port, ticket));
    } else if (port.cancel(ticket)) {
      ended.incrementAndGet();
      act();
    }
  }

  private void startAsking(SplittableRandom random) {
    Target target = new Target(HuntRound::isAnswer);
    JavaHandler<Long, Long> handler =
        JavaHandler.<Long, Long>answering(
                Long.class, Long.class, (number, answer) -> body(target, answer))
            .atOnce(1 + random.nextInt(3));
    JavaHandler<Long, Long> within =
        JavaHandler.<Long, Long>answering(
            Long.class,
            Long.class,
            (number, answer) -> {
              tally.askedWithinPoll.incrementAndGet();
              return body(target, answer);
            });
    OwnerLoop owner = anyLoop(random);
    switch (random.nextInt(owner.hasOneThread() ? 7 : 4)) {
      case 4, 5 -> start(localAsk.call(1L, within), owner, target);
      case 6 -> start(localAskInTurn.call(1L + random.nextInt(3), within), owner, target);
      case 0 -> start(askAtOnce.call(1L + random.nextInt(6), handler), owner, target);
      case 1 -> start(askOrGiveUp.call((long) random.nextInt(2), handler), owner, target);
      default -> start(ask.call(1L, handler), owner, target);
    }
  }

  /**
   * A handler's body: runs an action, then answers in some way or leaves the answer to a later
   * action.
   */
  private Runnable body(Target own, HandlerAnswer<Long> answer) {
    SplittableRandom random = act();
    if (random == null) {
      answer.value(0L);
      return null;
    }
    switch (random.nextInt(7)) {
      case 0 -> throw new IllegalStateException("as planned");
      case 1 -> answer.error(new IllegalStateException("as planned"));
      case 2 -> {
        own.cancel();
        answer.value(1L);
      }
      case 3, 4 -> {
        answers.add(() -> answer.value(1L));
        return this::withdraw;
      }
      case 5 -> {
        JavaHandler<Long, Long> inner =
            JavaHandler.answering(
                Long.class, Long.class, (number, innermost) -> body(own, innermost));
        CompletableFuture<Long> below =
            stage(ask.call(1L, inner), anyLoop(random), HuntRound::isAnswer);
        below.whenComplete((value, error) -> settle(answer, value, error));
        return () -> {
          withdraw();
          below.cancel(false);
        };
      }
      default -> answer.value(1L);
    }
    if (random.nextBoolean()) {
      act(); // this action runs after the answer, which it must not disturb
    }
    return null;
  }

  /** Leaves to a later action what remains to be done when Rust drops the invocation. */
  private void withdraw() {
    tally.withdrawn.incrementAndGet();
    act();
  }

  private static void settle(HandlerAnswer<Long> answer, Long value, Throwable error) {
    if (error != null) {
      answer.error(error);
    } else {
      answer.value(value);
    }
  }

  // Waiting

  private void awaitCall() {
    begun.incrementAndGet();
    waitFor(
        () -> {
          try {
            return yield.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          } finally {
            ended.incrementAndGet();
          }
        },
        NettyLoop.current() != null || loop.inLoop() && refusesToWait);
  }

  private void joinStage(SplittableRandom random) {
    OwnerLoop owner = anyLoop(random);
    CompletableFuture<Long> stage = stage(yield, owner, HuntRound::isThree);
    if (!stage.isDone()) {
      // A call of another loop may be done by now, and then the wait returns at once.
      waitFor(stage::join, owner.isHeldByCaller());
    }
  }

  private void waitFor(Supplier<Long> call, boolean mustRefuse) {
    try {
      assertThat(call.get()).isEqualTo(3);
      assertThat(mustRefuse).as("waited on a loop").isFalse();
      tally.waited.incrementAndGet();
    } catch (BlockingOnLoopException e) {
      boolean isOnLoop =
          mustRefuse || NettyLoop.current() != null || loop.inLoop() && refusesToWait;
      assertThat(isOnLoop).as("refused to wait off the loops").isTrue();
      tally.refused.incrementAndGet();
    } catch (LoopbridgeException | CompletionException | CancellationException e) {
      assertThat(runtime.isClosed()).as("%s", e).isTrue();
    }
  }

  /**
   * Checks that its call ends once, by its result or its cancel, and runs an action when it does.
   */
  private final class Target implements CallTarget<Object> {

    private final AtomicInteger ends = new AtomicInteger();
    private final LongPredicate isExpected;
    private volatile CallHandle handle;

    Target(LongPredicate isExpected) {
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
        failure.compareAndSet(null, new AssertionError("a call ended twice"));
      }
      act();
    }
  }

  @Override
  public String toString() {
    return "the program of -Dloopbridge.huntSeed=%d on %s: %d actions, %d of %d calls ended, %s"
        .formatted(seed, loop, actions.get(), ended.get(), begun.get(), runtime.metrics());
  }
}
