package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Known;
import dev.loopbridge.kit.Settlement;
import dev.loopbridge.kit.ThreadLoop;
import dev.loopbridge.kit.Work;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The faults of owner loops: those that refuse, end, block, are interrupted or closed under. */
final class LoopFaults {

  private static final int CALLS = 30;

  private LoopFaults() {}

  /** Returns a random exception: an undeclared one, or an error that no program expects. */
  private static Throwable any(SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> new RejectedExecutionException("as planned");
      case 1 -> new StackOverflowError("as planned");
      case 2 -> new OutOfMemoryError("as planned");
      case 3 -> new InterruptedException("as planned");
      default -> new Death();
    };
  }

  /** The error that a stopped thread throws. */
  private static final class Death extends Error {
    private static final long serialVersionUID = 1;
  }

  /** The loop throws at random instead of taking a task; an upcall then throws the same. */
  static long refuses(Driver driver, SplittableRandom random, long times) {
    ThreadLoop loop = new ThreadLoop("refusing");
    AtomicLong thrown = new AtomicLong();
    SplittableRandom draws = random.split();
    int oneIn = 1 + random.nextInt(6);
    for (long round = 0; thrown.get() < times && driver.verdict() == null; round++) {
      AtomicLong left = new AtomicLong(1 + random.nextInt(8));
      loop.refuse(
          () -> {
            synchronized (draws) {
              if (draws.nextInt(oneIn) != 0 || left.getAndDecrement() <= 0) {
                return null;
              }
              thrown.incrementAndGet();
              return any(draws);
            }
          });
      driver.round(List.of(loop), CALLS, false, random);
      loop.refuse(() -> null);
    }
    loop.end();
    return thrown.get();
  }

  /**
   * The loop ends with calls under way, in its last task or not; calls that start later find the
   * loop ended.
   */
  static long ends(Driver driver, SplittableRandom random, long times) {
    for (long i = 0; i < times && driver.verdict() == null; i++) {
      ThreadLoop loop = new ThreadLoop("ending");
      int before = random.nextInt(CALLS);
      for (int call = 0; call < CALLS; call++) {
        if (call == before) {
          if (random.nextBoolean()) {
            loop.end();
          } else {
            loop.die();
          }
        }
        driver.start(Work.plain(random), loop, random);
      }
      driver.awaitSettled(true);
    }
    return times;
  }

  /** The loop dies with a drain in its queue: the thread that notices settles the calls. */
  static long diesBeforeItsDrain(Driver driver, SplittableRandom random, long times) {
    NativeCall<Long> call = Fn.YIELD_TIMES.call(driver.runtime(), 2L);
    for (long i = 0; i < times && driver.verdict() == null; i++) {
      ThreadLoop loop = new ThreadLoop("dying");
      long finished = driver.runtime().metrics().callsFinished();
      CountDownLatch release = started(driver, call, loop, CALLS);
      if (random.nextBoolean()
          && !driver.await(() -> driver.runtime().metrics().callsFinished() >= finished + CALLS)) {
        driver.hangs("workers wait for a loop that stands still");
      }
      loop.die();
      release.countDown();
      driver.awaitSettled(true);
    }
    return times;
  }

  /** The runtime is closed while a drain waits for a busy loop. */
  static long closesBeforeADrain(FaultyLibrary library, Driver driver, long times) {
    ThreadLoop loop = new ThreadLoop("busy");
    for (long i = 0; i < times && driver.verdict() == null; i++) {
      NativeRuntime runtime = NativeRuntime.builder(library.library()).workerThreads(1).build();
      Driver closing = new Driver(runtime);
      NativeCall<Long> call = Fn.YIELD_TIMES.call(runtime, 2L);
      CountDownLatch release = started(closing, call, loop, CALLS);
      closing.await(() -> runtime.metrics().callsFinished() == CALLS);
      runtime.closeAsync(Duration.ZERO);
      release.countDown();
      closing.close(loop);
      driver.include(closing);
    }
    loop.end();
    return times;
  }

  /**
   * Starts calls that run while their loop is busy with the task behind the starts. Returns the
   * latch that ends that task.
   */
  private static CountDownLatch started(
      Driver driver, NativeCall<Long> call, ThreadLoop loop, int calls) {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    loop.execute(
        () -> {
          for (int i = 0; i < calls; i++) {
            driver.start(Known.equal(call, 2L), loop);
          }
          // The flush is a task, behind this one: the dispatcher has to be rung from here.
          loop.execute(
              () -> {
                started.countDown();
                awaitQuietly(release);
              });
        });
    awaitQuietly(started);
    return release;
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The loop stands still: no worker waits for it, a call of another loop goes on, and one task
   * then settles all calls of the loop.
   */
  static long blocks(Driver driver, OwnerLoop other, SplittableRandom random, long calls) {
    ThreadLoop loop = new ThreadLoop("blocked");
    NativeRuntime runtime = driver.runtime();
    NativeCall<Long> call = Fn.YIELD_TIMES.call(runtime, 2L);
    int each = 1_000;
    long done = 0;
    for (; done < calls && driver.verdict() == null; done += each) {
      long finished = runtime.metrics().callsFinished();
      CountDownLatch release = started(driver, call, loop, each);
      if (!driver.await(() -> runtime.metrics().callsFinished() >= finished + each)) {
        driver.hangs("workers wait for a loop that stands still");
      }
      Settlement elsewhere = driver.start(Work.ADD, other, random);
      if (!driver.await(elsewhere::isSettled)) {
        driver.hangs("one loop waits for another that stands still");
      }
      release.countDown();
      driver.awaitSettled(false);
    }
    loop.end();
    return done;
  }

  /**
   * Before the loop takes a task, another thread uses the bridge for the first time on its own
   * loop: an upcall that came with a lock held would wait for ever.
   */
  static long waitsForAnother(Driver driver, SplittableRandom random, long times) {
    AtomicLong waited = new AtomicLong();
    SplittableRandom draws = random.split();
    while (waited.get() < times && driver.verdict() == null) {
      ThreadLoop loop = new ThreadLoop("waiting");
      Queue<ThreadLoop> others = new ConcurrentLinkedQueue<>();
      loop.refuse(
          () -> {
            ThreadLoop other = new ThreadLoop("other");
            others.add(other);
            CountDownLatch used = new CountDownLatch(1);
            other.execute(
                () -> {
                  synchronized (draws) {
                    driver.start(Work.ADD, other, draws);
                  }
                  used.countDown();
                });
            awaitQuietly(used);
            if (used.getCount() > 0) {
              driver.hangs("a loop that is asked to run a drain keeps others from the bridge");
            }
            waited.incrementAndGet();
            return null;
          });
      driver.round(List.of(loop), CALLS, false, random);
      loop.end();
      others.forEach(ThreadLoop::end);
      driver.awaitSettled(true); // the last calls may find their loop ended
    }
    return waited.get();
  }

  /** A thread interrupts the loop's thread again and again. */
  static long interrupts(Driver driver, SplittableRandom random, long times) {
    ThreadLoop loop = new ThreadLoop("interrupted");
    AtomicLong interrupts = new AtomicLong();
    for (long i = 0; interrupts.get() < times && driver.verdict() == null; i++) {
      Thread pest =
          new Thread(
              () -> {
                while (!Thread.currentThread().isInterrupted()) {
                  loop.thread().interrupt();
                  interrupts.incrementAndGet();
                  Thread.yield();
                }
              },
              "pest");
      pest.start();
      driver.round(List.of(loop), CALLS, false, random);
      pest.interrupt();
    }
    loop.end();
    return interrupts.get();
  }

  /** A waker outlives all that it could wake: using it does nothing. */
  static long wakesAtLast(FaultyLibrary library, Driver driver, long times) throws Exception {
    for (long i = 0; i < times && driver.verdict() == null; i++) {
      ThreadLoop loop = new ThreadLoop("gone");
      NativeRuntime runtime = NativeRuntime.builder(library.library()).workerThreads(1).build();
      Driver ending = new Driver(runtime);
      ending.start(Known.error(Fn.LOCAL_WAIT.call(runtime), Settlement::isTyped), loop);
      if (!driver.await(() -> runtime.metrics().localPolls() > 0)) {
        driver.hangs("a loop-driven call is not polled");
      }
      if (i % 2 == 0) {
        loop.end();
        ending.awaitSettled(false);
      }
      runtime.close(); // the waker keeps the memory that it writes to
      loop.end();
      boolean there = Fn.LOCAL_WAKE.call(driver.runtime(), 1L).await();
      if (!there) {
        driver.wrong("there was no waker left to use");
      }
      ending.close(loop);
      driver.include(ending);
    }
    return times;
  }
}
