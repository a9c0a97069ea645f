package dev.loopbridge.stress.faults;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeClosedException;
import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.spi.CallHandle;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A runtime in whose way faults are put, and what must hold of it afterwards. Nothing here throws
 * for what the bridge does wrong: it is told once, by {@link #verdict}. Calls may be started on any
 * thread, all else is for one.
 */
public final class Scene {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NativeRuntime runtime;
  private final Queue<Told> pending = new ConcurrentLinkedQueue<>();
  private Duration patience = PATIENCE;
  private long settled;
  private volatile long refused;
  private volatile Verdict verdict;

  /**
   * What did not hold.
   *
   * @param hangs whether it is something that did not come
   */
  public record Verdict(boolean hangs, String text) {}

  /** Of a runtime that it does not close by itself. */
  public Scene(NativeRuntime runtime) {
    this.runtime = runtime;
  }

  /** What its calls run in. */
  public NativeRuntime runtime() {
    return runtime;
  }

  /** How long each wait may take from now on. */
  void patience(Duration each) {
    patience = each;
  }

  /** What did not hold first; null if all did. */
  public Verdict verdict() {
    return verdict;
  }

  /** How many calls have settled as they may. */
  public long settled() {
    return settled;
  }

  /** Says that something did not hold. */
  void wrong(String text) {
    if (verdict == null) {
      verdict = new Verdict(false, text);
    }
  }

  /** Starts a call. */
  Told start(NativeCall<?> call, OwnerLoop loop, Told told) {
    startOrNull(call, loop, told);
    return told;
  }

  /** The same; its handle, null if it was refused on the spot. */
  CallHandle startOrNull(NativeCall<?> call, OwnerLoop loop, Told told) {
    try {
      CallHandle handle = call.start(loop, told);
      pending.add(told);
      return handle;
    } catch (RuntimeException | Error e) {
      refused++;
      if (!Told.isTyped(e)) {
        wrong("a start threw " + e);
      }
      return null;
    }
  }

  /** Calls that were refused, each with a typed exception. */
  long refused() {
    return refused;
  }

  /** Starts so many calls of any kind, on any of the loops, and waits until they have settled. */
  public void round(List<OwnerLoop> loops, int calls, boolean faulty, SplittableRandom random) {
    for (int i = 0; i < calls; i++) {
      Work.any(random).start(this, loops.get(random.nextInt(loops.size())), random);
    }
    awaitSettled(faulty);
  }

  /** Waits until every call that was started has settled, and looks at how. */
  void awaitSettled(boolean faulty) {
    if (!await(() -> pending.stream().allMatch(Told::isSettled))) {
      List<Told> left = pending.stream().filter(told -> !told.isSettled()).toList();
      hangs(
          left.size()
              + " of "
              + pending.size()
              + " calls did not settle, such as "
              + left.get(0).name());
    }
    for (Told told : pending) {
      String wrong = told.isSettled() ? told.wrong(faulty) : null;
      if (wrong != null) {
        wrong(wrong);
      } else if (told.isSettled()) {
        settled++;
      }
    }
    pending.clear();
  }

  /** The bridge is as good as new: calls of each kind on each loop give what they should. */
  public void isUsable(List<OwnerLoop> loops, SplittableRandom random) {
    for (OwnerLoop loop : loops) {
      for (Work work : Work.values()) {
        work.start(this, loop, random);
      }
    }
    awaitSettled(false);
    hasNothingLeft();
  }

  /** Nothing is left of calls, whatever became of them. */
  void hasNothingLeft() {
    if (!await(() -> left(runtime.metrics()) == 0)) {
      hangs("something is left: " + runtime.metrics());
    }
  }

  private static long left(RuntimeMetrics now) {
    return now.liveCalls()
        + now.lendingCalls()
        + now.heldObjects()
        + now.liveInvocations()
        + now.liveTasks()
        + now.livePayloads()
        + now.livePayloadBytes()
        + now.liveLeases()
        + now.liveLocalFutures()
        + now.liveLocalObjects()
        + Math.abs(now.callsBegun() - now.callsFinished());
  }

  /** Closes the runtime: then nothing at all is left, and each call is refused. */
  public void close(OwnerLoop loop) {
    try {
      runtime.close(Duration.ZERO);
    } catch (IllegalStateException e) {
      wrong("the runtime did not close: " + e);
    }
    awaitSettled(true);
    hasNothingLeft();
    boolean gone =
        await(
            () -> {
              RuntimeMetrics now = runtime.metrics();
              return now.livePorts() + now.globalReferences() + now.attachedThreads() == 0;
            });
    if (!gone) {
      hangs("something is left of a closed runtime: " + runtime.metrics());
    }
    Told late =
        start(
            runtime.function("add", Long.class, long.class, long.class).call(1L, 2L),
            loop,
            new Told(
                "a call after the close",
                value -> false,
                error -> error instanceof RuntimeClosedException));
    awaitSettled(false);
    if (late.error() == null && verdict == null) {
      wrong("a call after the close did not fail");
    }
  }

  /** Waits for a condition of the bridge; false if it did not come true. */
  public boolean await(BooleanSupplier condition) {
    long deadline =
        System.nanoTime() + (verdict == null ? patience : Duration.ofMillis(100)).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      LockSupport.parkNanos(100_000);
    }
    return true;
  }

  /** Says that something did not come. */
  void hangs(String text) {
    if (verdict == null) {
      verdict = new Verdict(true, text);
    }
  }
}
