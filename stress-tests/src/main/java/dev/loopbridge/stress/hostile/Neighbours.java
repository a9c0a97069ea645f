package dev.loopbridge.stress.hostile;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeMethods;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Trial;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A runtime with loops of every kind, on which ordinary calls run while others are attacked. */
final class Neighbours {

  static final long PATIENCE_SECONDS = 20;

  private static final int CALLS_A_BURST = 8;
  private static final long PAUSE_NANOS = 500_000;
  private static final int LARGE = 3_000;

  private final Trial trial;
  private final NativeRuntime runtime;
  private final List<LoopKind.Started> started = new ArrayList<>();
  private final List<OwnerLoop> bound = new ArrayList<>();
  private final AtomicLong settled = new AtomicLong();
  private final Thread driver;
  private final SplittableRandom random;
  private volatile boolean stopping;

  /** Opens them, and starts the calls. */
  Neighbours(Trial trial, NativeLibrary library) throws Exception {
    this.trial = trial;
    this.random = trial.random("neighbours of " + library.name());
    this.runtime =
        trial.watch(
            NativeRuntime.builder(library)
                .workerThreads(2)
                .threadName("neighbours-" + library.name())
                .build());
    for (LoopKind kind : trial.loops()) {
      LoopKind.Started loop = kind.start();
      started.add(loop);
      RawPort.of(runtime, loop.loop());
      if (loop.loop().hasOneThread()) {
        bound.add(loop.loop());
      }
    }
    burst(); // so that each loop that can has bound its thread before anybody else tries
    driver = new Thread(this::drive, "neighbours-of-" + library.name());
    driver.setDaemon(true);
    driver.start();
  }

  NativeRuntime runtime() {
    return runtime;
  }

  /** The loops. */
  List<OwnerLoop> loops() {
    return started.stream().map(LoopKind.Started::loop).toList();
  }

  /** Those whose thread the runtime knows, since loop-driven calls run there. */
  List<OwnerLoop> bound() {
    return bound;
  }

  /** The native halves of their ports. */
  long[] ports(List<OwnerLoop> loops) {
    return loops.stream()
        .mapToLong(loop -> NativeMethods.handle(RawPort.of(runtime, loop)))
        .toArray();
  }

  /** Calls that have settled as they should. */
  long settled() {
    return settled.get();
  }

  private void drive() {
    try {
      while (!stopping) {
        burst();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void burst() throws InterruptedException {
    List<Expected<?>> expected = new ArrayList<>();
    for (LoopKind.Started each : started) {
      OwnerLoop loop = each.loop();
      for (int i = 0; i < CALLS_A_BURST; i++) {
        expected.add(start(loop, i));
      }
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (Expected<?> call : expected) {
      if (!call.done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        trial.hangs(
            Invariant.I10, "a call of the neighbours did not settle: " + call, "neighbours");
      }
    }
  }

  private Expected<?> start(OwnerLoop loop, int kind) {
    long a = random.nextLong();
    long b = random.nextInt();
    if (kind == 0) {
      byte[] bytes = new byte[random.nextInt(LARGE)];
      random.nextBytes(bytes);
      return start(loop, runtime.function("echo", byte[].class, byte[].class), bytes, bytes);
    } else if (kind == 1) {
      JavaHandler<Long, Long> negate = JavaHandler.of(long.class, long.class, number -> -number);
      NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
      return start(loop, ask, -b, b, negate);
    } else if (kind <= 4 && loop.hasOneThread()) {
      NativeFunction<Long> add = runtime.function("localAdd", Long.class, long.class, long.class);
      return start(loop, add, a + b, a, b);
    }
    NativeFunction<Long> add = runtime.function("add", Long.class, long.class, long.class);
    return start(loop, add, a + b, a, b);
  }

  private <R> Expected<R> start(
      OwnerLoop loop, NativeFunction<R> function, R value, Object... given) {
    Expected<R> call = new Expected<>(loop, function, value);
    function.call(given).start(loop, call);
    return call;
  }

  /** Where a call settles that is to have one value, on one loop. */
  private final class Expected<R> implements CallTarget<R> {

    private final OwnerLoop loop;
    private final NativeFunction<R> function;
    private final R expected;
    private final CountDownLatch done = new CountDownLatch(1);

    Expected(OwnerLoop loop, NativeFunction<R> function, R expected) {
      this.loop = loop;
      this.function = function;
      this.expected = expected;
    }

    @Override
    public void value(R value) {
      boolean same =
          expected instanceof byte[] bytes
              ? Arrays.equals(bytes, (byte[]) value)
              : expected.equals(value);
      if (!same || !loop.inLoop()) {
        violated(same ? "settled off its loop" : "is another value than expected");
      }
      settled.incrementAndGet();
      done.countDown();
    }

    @Override
    public void error(Throwable error) {
      violated("failed: " + error);
      done.countDown();
    }

    private void violated(String how) {
      trial.violated(Invariant.I10, "beside attacks a call " + how + ": " + this, "neighbours");
    }

    @Override
    public String toString() {
      return function + " on " + loop;
    }
  }

  /** Stops the calls and closes all; what is then left of anything is a finding. */
  void end() throws InterruptedException {
    stopping = true;
    driver.join(TimeUnit.SECONDS.toMillis(2 * PATIENCE_SECONDS));
    if (driver.isAlive()) {
      trial.hangs(Invariant.I10, "the neighbours' calls do not end", "neighbours");
    }
    await("calls are left: ", Neighbours::isAtRest);
    started.forEach(LoopKind.Started::end);
    runtime.close();
    await("is not at zero after the close: ", Neighbours::isGone);
    trial.unwatch(runtime);
  }

  private void await(String what, Predicate<RuntimeMetrics> wanted) throws InterruptedException {
    if (!within(() -> wanted.test(runtime.metrics()))) {
      trial.hangs(Invariant.I10, what + runtime.metrics(), "neighbours");
    }
  }

  /** Waits for a condition; whether it came. */
  static boolean within(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return true;
  }

  static boolean isAtRest(RuntimeMetrics metrics) {
    return metrics.liveCalls() == 0
        && metrics.lendingCalls() == 0
        && metrics.liveTasks() == 0
        && metrics.callsBegun() == metrics.callsFinished()
        && metrics.livePayloads() == 0
        && metrics.livePayloadBytes() == 0
        && metrics.liveLeases() == 0
        && metrics.heldObjects() == 0
        && metrics.liveInvocations() == 0
        && metrics.liveLocalFutures() == 0
        && metrics.liveLocalObjects() == 0
        && metrics.globalReferences() == metrics.livePorts();
  }

  static boolean isGone(RuntimeMetrics metrics) {
    return isAtRest(metrics) && metrics.livePorts() == 0 && metrics.attachedThreads() == 0;
  }
}
