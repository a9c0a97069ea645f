package dev.loopbridge.stress.hostile;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeMethods;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.kit.Leftovers;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.kit.Work;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.LoopKind;
import dev.loopbridge.stress.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** A runtime with loops of every kind; ordinary calls run on it while other ports are attacked. */
final class Neighbours {

  static final long PATIENCE_SECONDS = 20;

  /** The functions that both libraries have. */
  private static final List<Work> BURST =
      List.of(
          Work.ARRAY,
          Work.ASK,
          Work.LOCAL_ADD,
          Work.LOCAL_ADD,
          Work.LOCAL_ADD,
          Work.ADD,
          Work.ADD,
          Work.ADD);

  private static final long PAUSE_NANOS = 500_000;

  private final Trial trial;
  private final NativeRuntime runtime;
  private final List<LoopKind.Started> started = new ArrayList<>();
  private final List<OwnerLoop> bound = new ArrayList<>();
  private final AtomicLong settled = new AtomicLong();
  private final Driver driver;
  private final Thread thread;
  private final SplittableRandom random;
  private volatile boolean stopping;

  /** Opens the runtime and its loops, and starts the calls. */
  Neighbours(Trial trial, NativeLibrary library) throws Exception {
    this.trial = trial;
    this.random = trial.random("neighbours of " + library.name());
    this.runtime =
        trial.watch(
            NativeRuntime.builder(library)
                .workerThreads(2)
                .threadName("neighbours-" + library.name())
                .build());
    this.driver = new Driver(runtime);
    driver.patience(Duration.ofSeconds(PATIENCE_SECONDS));
    for (LoopKind kind : trial.loops()) {
      LoopKind.Started loop = kind.start();
      started.add(loop);
      RawPort.of(runtime, loop.loop());
      if (loop.loop().hasOneThread()) {
        bound.add(loop.loop());
      }
    }
    burst(); // so that each loop that can has bound its thread before an attacker tries
    thread = new Thread(this::drive, "neighbours-of-" + library.name());
    thread.setDaemon(true);
    thread.start();
  }

  NativeRuntime runtime() {
    return runtime;
  }

  /** Returns the loops. */
  List<OwnerLoop> loops() {
    return started.stream().map(LoopKind.Started::loop).toList();
  }

  /** Returns the loops whose thread the runtime knows, since loop-driven calls run there. */
  List<OwnerLoop> bound() {
    return bound;
  }

  /** Returns the native halves of the loops' ports. */
  long[] ports(List<OwnerLoop> loops) {
    return loops.stream()
        .mapToLong(loop -> NativeMethods.handle(RawPort.of(runtime, loop)))
        .toArray();
  }

  /** Returns how many calls have settled as they should. */
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
    for (LoopKind.Started each : started) {
      for (Work work : BURST) {
        driver.start(work, each.loop(), random);
      }
    }
    driver.awaitSettled(false);
    settled.set(driver.settled());
    report();
  }

  private void report() throws InterruptedException {
    Driver.Verdict verdict = driver.verdict();
    if (verdict != null && verdict.hangs()) {
      trial.hangs(Invariant.I10, "beside attacks: " + verdict.text(), "neighbours");
    } else if (verdict != null) {
      trial.violated(Invariant.I10, "beside attacks: " + verdict.text(), "neighbours");
      stopping = true;
    }
  }

  /** Stops the calls and closes the runtime; anything that is left then is a finding. */
  void end() throws InterruptedException {
    stopping = true;
    thread.join(TimeUnit.SECONDS.toMillis(2 * PATIENCE_SECONDS));
    if (thread.isAlive()) {
      trial.hangs(Invariant.I10, "the neighbours' calls do not end", "neighbours");
    }
    await("at rest there are left ", () -> Leftovers.atRest(runtime.metrics()));
    started.forEach(LoopKind.Started::end);
    runtime.close();
    await("after the close there are left ", () -> Leftovers.afterClose(runtime.metrics()));
    trial.unwatch(runtime);
  }

  private void await(String what, Supplier<String> left) throws InterruptedException {
    if (!within(() -> left.get().isEmpty())) {
      trial.hangs(Invariant.I10, what + left.get(), "neighbours");
    }
  }

  /** Waits for a condition; returns whether it came true. */
  static boolean within(BooleanSupplier condition) {
    return Watch.until(condition, Duration.ofSeconds(PATIENCE_SECONDS));
  }
}
