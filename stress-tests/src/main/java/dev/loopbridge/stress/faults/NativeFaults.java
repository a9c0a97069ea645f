package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.kit.Settlement;
import dev.loopbridge.kit.Work;
import dev.loopbridge.stress.Invariant;
import java.util.List;
import java.util.SplittableRandom;

/** Arms the faults of native points one by one, while calls of every kind are under way. */
final class NativeFaults {

  private static final int CALLS = 40;
  private static final int MOST_ROUNDS = 2_000;

  /** The operations that meet a fault. */
  private enum When {
    /** The opening of a runtime, or of its part for a loop, which is then refused. */
    OPENING,
    /** Calls of all kinds. */
    CALLS
  }

  /**
   * A fault.
   *
   * @param point its name in the library
   * @param number the fault's number in the suite's notes
   * @param works the kinds of calls that can meet the fault
   */
  record Fault(String point, String number, Invariant invariant, When when, List<Work> works) {

    private static Fault of(String point, String number, Invariant invariant, Work... works) {
      List<Work> those = works.length > 0 ? List.of(works) : Work.PLAIN;
      return new Fault(point, number, invariant, When.CALLS, those);
    }

    private static Fault opening(String point, String number, Invariant invariant) {
      return new Fault(point, number, invariant, When.OPENING, Work.PLAIN);
    }
  }

  static final List<Fault> ALL =
      List.of(
          Fault.of("attach", "F1", Invariant.I16),
          Fault.opening("global-ref", "F2", Invariant.I12),
          Fault.of("byte-array", "F2", Invariant.I12, Work.ARRAY, Work.FAIL, Work.PANIC),
          Fault.of("upcall", "F3", Invariant.I12),
          Fault.of("upcall-panic", "F3, F6", Invariant.I14),
          Fault.of("encoded", "F4", Invariant.I14),
          Fault.of("keep", "F4", Invariant.I12, Work.BUFFER, Work.ARRAY),
          Fault.of("direct-buffer", "F5", Invariant.I12, Work.BUFFER, Work.ADD),
          Fault.of("poll", "F6", Invariant.I14),
          Fault.of("drop", "F6", Invariant.I14, Work.CANCEL, Work.DROP, Work.ADD),
          Fault.of("settle", "F6", Invariant.I14),
          // No calls with handlers: Java then keeps the handlers for as long as the runtime.
          Fault.of("accept", "F6", Invariant.I14, Work.ADD, Work.YIELD, Work.ARRAY, Work.CANCEL),
          Fault.opening("entry-runtime_open", "F6", Invariant.I14),
          Fault.opening("entry-memory_map", "F6", Invariant.I14),
          Fault.opening("entry-port_open", "F6", Invariant.I14),
          Fault.of("entry-port_wake", "F6", Invariant.I14),
          Fault.of("entry-payload_view", "F6", Invariant.I14, Work.BUFFER, Work.ADD),
          Fault.of("entry-payload_give", "F6", Invariant.I14, Work.ASK_BYTES, Work.ADD),
          // The entries that only release, such as object_close and object_take_back, are left out:
          // what such an entry does not release stays until its runtime ends.
          Fault.of("entry-object_give", "F6", Invariant.I14, Work.OBJECT, Work.ADD),
          Fault.of("entry-local_start", "F6", Invariant.I14, Work.LOCAL_FAIL, Work.ADD),
          Fault.of("entry-local_call", "F6", Invariant.I14, Work.LOCAL, Work.ADD),
          Fault.opening("runtime-threads", "F13", Invariant.I12),
          Fault.of("blocking-thread", "F13", Invariant.I12, Work.BLOCKING, Work.ADD),
          Fault.of("twice", "F22", Invariant.I3, Work.ADD, Work.YIELD, Work.LOCAL),
          Fault.of("stale", "F22", Invariant.I3),
          Fault.of("garbage", "F22", Invariant.I3));

  private final FaultyLibrary library;
  private final List<OwnerLoop> loops;
  private final SplittableRandom random;

  NativeFaults(FaultyLibrary library, List<OwnerLoop> loops, SplittableRandom random) {
    this.library = library;
    this.loops = loops;
    this.random = random;
  }

  /**
   * Makes one fault happen about so many times.
   *
   * @return how often the fault happened; 0 means that nothing was tried
   */
  long run(Fault fault, Driver driver, long times) throws Exception {
    long fired = 0;
    boolean opens = fault.when == When.OPENING;
    // In portions, so that each portion's calls are checked too.
    for (int round = 0; fired < times && round < MOST_ROUNDS; round++) {
      long portion = Math.min(times - fired, 1 + random.nextInt(8));
      library.arm(fault.point, random.nextLong(), opens ? 1 : 1 + random.nextInt(4), portion);
      if (opens) {
        open(fault, portion, driver);
      } else {
        for (int i = 0; i < CALLS; i++) {
          Work work = fault.works.get(random.nextInt(fault.works.size()));
          driver.start(work, loops.get(random.nextInt(loops.size())), random);
        }
        driver.awaitSettled(true);
      }
      fired += library.fired(fault.point);
      library.disarm(fault.point);
      if (driver.verdict() != null) {
        return fired;
      }
    }
    return fired;
  }

  private void open(Fault fault, long portion, Driver driver) throws Exception {
    for (long i = 0; i < portion; i++) {
      NativeRuntime runtime = null;
      try {
        runtime = NativeRuntime.builder(library.library()).workerThreads(1).build();
        RawPort.of(runtime, loops.get(random.nextInt(loops.size())));
        driver.wrong(fault.point + " was armed, and all opened nevertheless");
      } catch (RuntimeException | Error e) {
        if (!Settlement.isTyped(e)) {
          driver.wrong("what could not be opened threw " + e);
        }
      } finally {
        if (runtime != null) {
          Driver opened = new Driver(runtime);
          opened.close(loops.get(0));
          driver.include(opened);
        }
      }
    }
  }
}
