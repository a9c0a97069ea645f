package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.spi.CallHandle;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** What users do to the bridge: callbacks that enter it again or throw, and a full pool. */
final class UserFaults {

  private static final int CALLS = 30;

  private UserFaults() {}

  /** Callbacks start and cancel calls, and throw. */
  static long reenter(Scene scene, List<OwnerLoop> loops, SplittableRandom random, long times) {
    AtomicLong entered = new AtomicLong();
    for (long i = 0; entered.get() < times && scene.verdict() == null; i++) {
      for (int call = 0; call < CALLS; call++) {
        OwnerLoop loop = loops.get(random.nextInt(loops.size()));
        SplittableRandom inside = random.split();
        Told told = new Told("yieldTimes", value -> value.equals(1L), error -> false);
        told.then(
            () -> {
              entered.incrementAndGet();
              for (int again = inside.nextInt(3); again >= 0; again--) {
                Work.any(inside).start(scene, loop, inside);
              }
              if (inside.nextBoolean()) {
                throw new IllegalStateException("a callback throws, as planned");
              }
            });
        scene.start(
            scene.runtime().function("yieldTimes", Long.class, long.class).call(1L), loop, told);
      }
      scene.awaitSettled(false);
      scene.awaitSettled(false); // what was started inside
    }
    return entered.get();
  }

  /** A callback closes the runtime that it is called by. */
  static long closeInside(
      FaultyLibrary library,
      Scene scene,
      List<OwnerLoop> loops,
      SplittableRandom random,
      long times) {
    for (long i = 0; i < times && scene.verdict() == null; i++) {
      OwnerLoop loop = loops.get(random.nextInt(loops.size()));
      NativeRuntime runtime = NativeRuntime.builder(library.library()).workerThreads(1).build();
      Scene closing = new Scene(runtime);
      Told told = new Told("add", value -> value.equals(3L), error -> false);
      told.then(runtime::close);
      for (int call = 0; call < CALLS / 2; call++) {
        Work.any(random).start(closing, loop, random);
      }
      closing.start(
          runtime.function("add", Long.class, long.class, long.class).call(1L, 2L), loop, told);
      for (int call = 0; call < CALLS / 2; call++) {
        Work.any(random).start(closing, loop, random);
      }
      closing.awaitSettled(true);
      closing.close(loop);
      if (closing.verdict() != null) {
        scene.hangs(closing.verdict().text());
      }
    }
    return times;
  }

  /** More blocking calls than threads for them, some given up while they wait. */
  static long saturate(
      FaultyLibrary library,
      Scene scene,
      List<OwnerLoop> loops,
      SplittableRandom random,
      long times) {
    NativeRuntime runtime =
        NativeRuntime.builder(library.library()).workerThreads(1).blockingThreads(1).build();
    Scene full = new Scene(runtime);
    long waited = 0;
    while (waited < times && full.verdict() == null) {
      for (int call = 0; call < CALLS; call++) {
        OwnerLoop loop = loops.get(random.nextInt(loops.size()));
        Told told = new Told("burnBlocking", value -> value == null, error -> false);
        CallHandle handle =
            full.startOrNull(
                runtime.function("burnBlocking", Void.class, long.class).call(50L), loop, told);
        if (handle != null && random.nextInt(3) == 0 && handle.cancel()) {
          told.cancelled();
        }
        Work.any(random).start(full, loop, random);
        waited++;
      }
      full.awaitSettled(false);
    }
    full.hasNothingLeft();
    full.close(loops.get(0));
    if (full.verdict() != null) {
      scene.hangs(full.verdict().text());
    }
    return waited;
  }
}
