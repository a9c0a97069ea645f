package dev.loopbridge.stress.storm;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.RawPort;
import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Leftovers;
import dev.loopbridge.kit.Signals;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes calls that wake and are woken in every way there is, all at once, on one loop. After the
 * storm nothing may be left, and the counts of both sides must agree.
 */
final class Storm implements AutoCloseable {

  private static final int LANES = 128;
  private static final int MOST_YIELDS = 8;

  private final String name;
  private final Findings findings;
  private final Duration patience;
  private final LoopKind.Started started;
  private final CountingLoop loop;
  private final NativeRuntime runtime;
  private final boolean local;
  private final SplittableRandom random;
  private final ExecutorService elsewhere =
      Executors.newFixedThreadPool(
          2, new DefaultThreadFactory("storm-answers", /* daemon= */ true));

  private final NativeFunction<Long> add;
  private final NativeFunction<Long> yield;
  private final NativeFunction<Long> await;
  private final NativeFunction<Void> signal;
  private final NativeFunction<Long> ask;
  private final NativeFunction<Long> askAtOnce;
  private final NativeFunction<Void> burn;
  private final NativeFunction<Void> sleep;
  private final NativeFunction<Long> localYield;
  private final NativeFunction<Long> localAwait;
  private final NativeFunction<Long> localAsk;

  // Only the loop writes these.
  private volatile long begun;
  private volatile long ended;
  private long localCalls;
  private long handlers;
  private long selfWakes;
  private long localWakes;
  private long localLate;
  private final AtomicLong invocations = new AtomicLong();
  private volatile boolean over;
  private volatile String wrong;

  /**
   * Makes a storm on a loop of this kind.
   *
   * @param refuses the share of refused tasks, as for {@link CountingLoop}; {@code forgets}
   *     likewise
   */
  Storm(
      LoopKind kind,
      long seed,
      int refuses,
      int forgets,
      boolean lingers,
      Duration patience,
      Findings findings)
      throws Exception {
    this.name = kind.name();
    this.findings = findings;
    this.patience = patience;
    this.started = kind.start();
    this.loop = new CountingLoop(started.loop(), refuses, forgets);
    this.local = loop.hasOneThread();
    this.random = new SplittableRandom(seed);
    NativeRuntime.Builder builder =
        NativeRuntime.builder(
                NativeLibrary.load("loopbridge_builtin", NativeRuntime.class.getClassLoader()))
            .workerThreads(2)
            .threadName("storm");
    this.runtime = (lingers ? builder : builder.linger(Duration.ZERO)).build();
    loop.watch(RawPort.of(runtime, loop));
    add = Fn.ADD.in(runtime);
    yield = Fn.YIELD_TIMES.in(runtime);
    await = Fn.AWAIT_SIGNAL.in(runtime);
    signal = Fn.SIGNAL.in(runtime);
    ask = Fn.ASK.in(runtime);
    askAtOnce = Fn.ASK_AT_ONCE.in(runtime);
    burn = Fn.BURN_BLOCKING.in(runtime);
    sleep = Fn.SLEEP.in(runtime);
    localYield = Fn.LOCAL_YIELD_TIMES.in(runtime);
    localAwait = Fn.LOCAL_AWAIT_SIGNAL.in(runtime);
    localAsk = Fn.LOCAL_ASK.in(runtime);
  }

  /** Returns the runtime of the storm. */
  NativeRuntime runtime() {
    return runtime;
  }

  /**
   * Makes calls for so long, then waits for the rest and checks it; returns whether all is right.
   */
  boolean run(Duration time) throws InterruptedException {
    started
        .loop()
        .execute(
            () -> {
              for (int lane = 0; lane < LANES; lane++) {
                next();
              }
            });
    long end = System.nanoTime() + time.toNanos();
    boolean moves =
        Watch.until(
            () -> wrong != null || System.nanoTime() - end > 0, () -> ended + begun, patience);
    over = true;
    boolean rests =
        moves && Watch.until(() -> wrong != null || ended == begun, () -> ended, patience);
    if (wrong != null) {
      findings.violated(Invariant.I3, wrong);
      return false;
    } else if (!rests) {
      findings.hangs(
          Invariant.I1,
          "on %s %,d of %,d calls have ended and none ends any more, %s"
              .formatted(name, ended, begun, runtime.metrics()));
      return false;
    }
    return checkRest();
  }

  private boolean checkRest() {
    boolean empty =
        Watch.until(
            () -> Leftovers.atRest(runtime.metrics()).isEmpty(),
            () -> runtime.metrics().completions(),
            patience);
    RuntimeMetrics now = runtime.metrics();
    if (!empty) {
      findings.violated(Invariant.I6, "left behind on " + name + ": " + Leftovers.atRest(now));
      return false;
    }
    Books books = books();
    boolean adds = true;
    for (Books.Wrong each : books.check(now, loop.drains(), loop.mostPending())) {
      findings.violated(each.invariant(), each.text() + " on " + name + ", " + books + ", " + now);
      adds = false;
    }
    if (adds) {
      findings.ran(Invariant.I1, "records and polls on " + name, records(now));
      findings.ran(Invariant.I2, "drains on " + name, loop.drains());
      findings.ran(Invariant.I3, "calls settled in storms on " + name, ended);
      findings.ran(Invariant.I18, "polls of loop-driven futures on " + name, now.localPolls());
      findings.ran(Invariant.I23, "callbacks in storms on " + name, ended);
    }
    return adds;
  }

  private static long records(RuntimeMetrics now) {
    return now.submissions() + now.completions() + now.localPolls();
  }

  /** Returns the storm's own counts; at rest only. */
  Books books() {
    long asked = invocations.get();
    return new Books(
        begun - localCalls, localCalls, asked, asked + localLate, handlers, selfWakes, localWakes);
  }

  // Lanes: owner loop only.

  private void next() {
    if (over || wrong != null) {
      return;
    }
    long number = random.nextInt(1 << 16);
    switch (random.nextInt(local ? 13 : 9)) {
      case 0, 1 -> start(add.call(number, 1L), number + 1);
      case 2 -> {
        long times = 1 + random.nextInt(MOST_YIELDS);
        start(yield.call(times), times);
      }
      case 3 -> {
        long awaited = Signals.next();
        start(await.call(awaited), null);
        begin(signal.call(awaited, 1L), null, false);
      }
      case 4 -> {
        handlers++;
        start(ask.call(number, now(invocations)), number + 1);
      }
      case 5 -> {
        handlers++;
        start(ask.call(number, late(invocations)), number + 1);
      }
      case 6 -> {
        handlers++;
        start(askAtOnce.call(4L, now(invocations)), 0L + 1 + 2 + 3 + 4);
      }
      case 7 -> start(burn.call((long) random.nextInt(20)), null);
      case 8 -> start(sleep.call((long) random.nextInt(2)), null);
      case 9, 10 -> {
        long times = 1 + random.nextInt(MOST_YIELDS);
        localCalls++;
        selfWakes += times;
        start(localYield.call(times), times);
      }
      case 11 -> {
        long awaited = Signals.next();
        localCalls++;
        localWakes++;
        start(localAwait.call(awaited), null);
        begin(signal.call(awaited, 1L), null, false);
      }
      default -> {
        localCalls++;
        handlers++;
        boolean isLate = random.nextBoolean();
        if (isLate) {
          localLate++;
          localWakes++;
        }
        AtomicLong uncounted = new AtomicLong();
        start(localAsk.call(number, isLate ? late(uncounted) : now(uncounted)), number + 1);
      }
    }
  }

  private void start(NativeCall<?> call, Long expected) {
    begin(call, expected, true);
  }

  private <R> void begin(NativeCall<R> call, Long expected, boolean goesOn) {
    begun++; // the loop alone writes it
    call.start(
        loop,
        new CallTarget<R>() {
          @Override
          public void value(R value) {
            if (!loop.inLoop()) {
              wrong = call + " delivered its value on " + Thread.currentThread();
            } else if (expected != null && !expected.equals(value)) {
              wrong = call + " returned " + value + ", expected " + expected;
            }
            end(goesOn);
          }

          @Override
          public void error(Throwable error) {
            wrong = call + " failed: " + error;
            end(goesOn);
          }
        });
  }

  private void end(boolean goesOn) {
    ended++; // the loop alone writes it
    if (goesOn) {
      next();
    }
  }

  private JavaHandler<Long, Long> now(AtomicLong count) {
    return JavaHandler.of(
        Long.class,
        Long.class,
        number -> {
          count.incrementAndGet();
          return number + 1;
        });
  }

  private JavaHandler<Long, Long> late(AtomicLong count) {
    return JavaHandler.answering(
        Long.class,
        Long.class,
        (number, answer) -> {
          count.incrementAndGet();
          elsewhere.execute(() -> answer.value(number + 1));
          return null;
        });
  }

  CountingLoop loop() {
    return loop;
  }

  @Override
  public void close() {
    runtime.closeAsync(Duration.ZERO);
    started.end();
    elsewhere.shutdownNow();
  }
}
