package dev.loopbridge.stress.history;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.SlotGenerations;
import dev.loopbridge.kit.OnLoop;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.stress.Invariant;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Makes calls whose slots' generations wrap while they run, and uses tickets from before the wrap.
 */
final class Wraps {

  /** How often each slot can be used before its generation wraps. */
  private static final int LEFT = 32;

  /** The calls in flight: so few that each slot is used often. */
  private static final int IN_FLIGHT = 8;

  private static final long CALLS = 10_000;

  private Wraps() {}

  /** Wraps the generations of a port of its own; returns null if nothing is wrong. */
  static Finding run(
      NativeRuntime runtime, OwnerLoop loop, SplittableRandom random, Duration patience)
      throws Exception {
    // The first calls make the slots.
    Finding finding = new Bulk(runtime, loop, 10L * IN_FLIGHT, IN_FLIGHT, random).run(patience);
    if (finding != null || !isFree(runtime, patience)) {
      return finding != null ? finding : Finding.hang(Invariant.I20, "slots do not come free");
    }
    RawPort port = RawPort.of(runtime, loop);
    OnLoop.call(
        loop,
        () -> {
          SlotGenerations.set(port, -LEFT);
          return null;
        },
        patience);
    finding = new Bulk(runtime, loop, CALLS, IN_FLIGHT, random).run(patience);
    if (finding != null) {
      return new Finding(Invariant.I20, "as generations wrap: " + finding.text(), finding.hangs());
    }
    if (!isFree(runtime, patience)) {
      return Finding.hang(Invariant.I20, "slots do not come free");
    }
    return OnLoop.call(loop, () -> stale(port), patience);
  }

  private static boolean isFree(NativeRuntime runtime, Duration patience) {
    return Watch.until(
        () -> runtime.metrics().liveCalls() == 0 && runtime.metrics().liveTasks() == 0,
        () -> runtime.metrics().liveCalls(),
        patience);
  }

  /**
   * Checks that a ticket of an earlier use of a slot ends no call. A slot that is free below others
   * is used too seldom to wrap; the calls are so many that some slot wraps.
   */
  private static Finding stale(RawPort port) {
    int[] generations = SlotGenerations.all(port);
    int wrapped = 0;
    for (int slot = 0; slot < generations.length; slot++) {
      int generation = generations[slot];
      if (generation < -LEFT || generation == 0 || generation > CALLS) {
        return Finding.violated(
            Invariant.I20, "the generation of slot " + slot + " is " + generation);
      }
      wrapped += generation > 0 ? 1 : 0;
      for (int old = -LEFT; old < generation; old++) {
        if (port.cancel((long) old << 32 | slot)) {
          return Finding.violated(
              Invariant.I20, "a ticket of use " + old + " of slot " + slot + " ended another call");
        }
      }
    }
    return wrapped > 0 ? null : Finding.violated(Invariant.I20, "no generation wrapped");
  }
}
