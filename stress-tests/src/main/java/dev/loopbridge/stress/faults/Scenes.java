package dev.loopbridge.stress.faults;

import static dev.loopbridge.stress.Invariant.I12;
import static dev.loopbridge.stress.Invariant.I18;
import static dev.loopbridge.stress.Invariant.I3;
import static dev.loopbridge.stress.Invariant.I4;
import static dev.loopbridge.stress.Invariant.I6;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Driver;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import java.util.List;
import java.util.SplittableRandom;

/** Plays the scenes, and reports the result of each to the trial. */
final class Scenes {

  private final Trial trial;
  private final FaultyLibrary library;
  private final List<OwnerLoop> loops;
  private final String only;

  /**
   * @param loops the loops for scenes that do not make a loop of their own
   * @param only the scene to play; empty: all
   */
  Scenes(Trial trial, FaultyLibrary library, List<OwnerLoop> loops, String only) {
    this.trial = trial;
    this.library = library;
    this.loops = loops;
    this.only = only;
  }

  /** A scene that makes faults happen. */
  interface Play {
    /** Plays the scene; returns how many faults happened. */
    long faults(Driver driver, SplittableRandom random) throws Exception;
  }

  /** Plays the faults of native points. */
  void natively() throws Exception {
    long times = trial.choose(8L, 1_000L, 10_000L);
    for (NativeFaults.Fault fault : NativeFaults.ALL) {
      play(
          fault.point(),
          fault.number(),
          fault.invariant(),
          (driver, random) -> new NativeFaults(library, loops, random).run(fault, driver, times));
    }
  }

  /** Plays the faults of loops and of their users. */
  void inJava() throws Exception {
    long few = trial.choose(4L, 50L, 500L);
    long many = trial.choose(50L, 5_000L, 50_000L);
    play("refuses", "F3, F7", I12, (driver, random) -> LoopFaults.refuses(driver, random, many));
    play("ends", "F7", I12, (driver, random) -> LoopFaults.ends(driver, random, few * 4));
    play(
        "dies",
        "F8",
        I12,
        (driver, random) -> LoopFaults.diesBeforeItsDrain(driver, random, few * 4));
    play(
        "blocks",
        "F9",
        I4,
        (driver, random) -> LoopFaults.blocks(driver, loops.get(0), random, many * 40));
    play("waits", "F9", I4, (driver, random) -> LoopFaults.waitsForAnother(driver, random, many));
    play("interrupts", "F10", I12, (driver, random) -> LoopFaults.interrupts(driver, random, many));
    play(
        "closes",
        "F11",
        I12,
        (driver, random) -> LoopFaults.closesBeforeADrain(library, driver, few));
    play(
        "saturates",
        "F12",
        I12,
        (driver, random) -> UserFaults.saturate(library, driver, loops, random, many));
    play("wakes", "F15", I18, (driver, random) -> LoopFaults.wakesAtLast(library, driver, few));
    play(
        "reenters",
        "F16",
        I12,
        (driver, random) -> UserFaults.reenter(driver, loops, random, many));
    play(
        "closes-inside",
        "F16",
        I12,
        (driver, random) -> UserFaults.closeInside(library, driver, loops, random, few));
  }

  /** Plays a scene in a runtime of its own, which afterwards must work and close cleanly. */
  void play(String name, String number, Invariant invariant, Play play) throws Exception {
    if (!only.isEmpty() && !only.equals(name)) {
      return;
    }
    SplittableRandom random = trial.random(name);
    NativeRuntime runtime =
        trial.watch(NativeRuntime.builder(library.library()).workerThreads(2).build());
    Driver driver = new Driver(runtime);
    long faults = play.faults(driver, random);
    if (driver.verdict() == null) {
      driver.isUsable(loops, random);
      driver.close(loops.get(0));
      trial.unwatch(runtime);
    }
    report(name, number, invariant, driver, faults);
  }

  private void report(String name, String number, Invariant invariant, Driver driver, long faults)
      throws InterruptedException {
    Driver.Verdict verdict = driver.verdict();
    String of = number + " " + name + ":";
    if (verdict != null && verdict.hangs()) {
      trial.hangs(I3, of + " " + verdict.text(), name);
    } else if (verdict != null) {
      trial.violated(invariant, of + " " + verdict.text(), name);
    } else if (faults == 0) {
      throw new IllegalStateException(of + " it did not happen once");
    } else {
      trial.ran(I12, "faults", faults);
      trial.ran(I3, "calls that met faults", driver.settled());
      trial.ran(I6, "runtimes with nothing left after faults", 1);
      if (invariant != I12 && invariant != I3) {
        trial.ran(invariant, "faults", faults);
      }
      trial.note("%s %,d faults, %,d calls".formatted(of, faults, driver.settled()));
    }
  }
}
