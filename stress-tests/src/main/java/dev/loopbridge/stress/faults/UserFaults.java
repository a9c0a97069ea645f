package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Known;
import dev.loopbridge.kit.Work;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** The faults of users: callbacks that enter the bridge again or throw, and a full pool. */
final class UserFaults {

  private static final int CALLS = 30;

  private UserFaults() {}

  /** Callbacks start and cancel calls, and throw. */
  static long reenter(Driver driver, List<OwnerLoop> loops, SplittableRandom random, long times) {
    AtomicLong entered = new AtomicLong();
    for (long i = 0; entered.get() < times && driver.verdict() == null; i++) {
      for (int call = 0; call < CALLS; call++) {
        OwnerLoop loop = loops.get(random.nextInt(loops.size()));
        SplittableRandom inside = random.split();
        driver.start(
            Known.equal(Fn.YIELD_TIMES.call(driver.runtime(), 1L), 1L),
            loop,
            () -> {
              entered.incrementAndGet();
              for (int again = inside.nextInt(3); again >= 0; again--) {
                driver.start(Work.plain(inside), loop, inside);
              }
              if (inside.nextBoolean()) {
                throw new IllegalStateException("a callback throws, as planned");
              }
            });
      }
      driver.awaitSettled(false);
      driver.awaitSettled(false); // the calls that callbacks started
    }
    return entered.get();
  }

  /** A callback closes the runtime that calls it. */
  static long closeInside(
      FaultyLibrary library,
      Driver driver,
      List<OwnerLoop> loops,
      SplittableRandom random,
      long times) {
    for (long i = 0; i < times && driver.verdict() == null; i++) {
      OwnerLoop loop = loops.get(random.nextInt(loops.size()));
      NativeRuntime runtime = NativeRuntime.builder(library.library()).workerThreads(1).build();
      Driver closing = new Driver(runtime);
      for (int call = 0; call < CALLS / 2; call++) {
        closing.start(Work.plain(random), loop, random);
      }
      closing.start(Known.equal(Fn.ADD.call(runtime, 1L, 2L), 3L), loop, runtime::close);
      for (int call = 0; call < CALLS / 2; call++) {
        closing.start(Work.plain(random), loop, random);
      }
      closing.awaitSettled(true);
      closing.close(loop);
      driver.include(closing);
    }
    return times;
  }

  /** More blocking calls are started than there are threads; some are cancelled while they wait. */
  static long saturate(
      FaultyLibrary library,
      Driver driver,
      List<OwnerLoop> loops,
      SplittableRandom random,
      long times) {
    NativeRuntime runtime =
        NativeRuntime.builder(library.library()).workerThreads(1).blockingThreads(1).build();
    Driver full = new Driver(runtime);
    long waited = 0;
    while (waited < times && full.verdict() == null) {
      for (int call = 0; call < CALLS; call++) {
        OwnerLoop loop = loops.get(random.nextInt(loops.size()));
        Known<Void> burn = Known.equal(Fn.BURN_BLOCKING.call(runtime, 50L), null);
        full.start(random.nextInt(3) == 0 ? burn.cancelling() : burn, loop);
        full.start(Work.plain(random), loop, random);
        waited++;
      }
      full.awaitSettled(false);
    }
    full.hasNothingLeft();
    full.close(loops.get(0));
    driver.include(full);
    return waited;
  }
}
