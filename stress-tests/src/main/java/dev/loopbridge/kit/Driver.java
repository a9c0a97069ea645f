package dev.loopbridge.kit;

import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeClosedException;
import dev.loopbridge.spi.CallHandle;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/**
 * Drives calls of {@link Work} through a runtime, and checks what must hold of the calls and of the
 * runtime afterwards. A mistake of the bridge throws nothing here: {@link #verdict} returns the
 * first one. Any thread may start calls; all other methods are for one thread.
 */
public final class Driver {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NativeRuntime runtime;
  private final Queue<Settlement> pending = new ConcurrentLinkedQueue<>();
  private Duration patience = PATIENCE;
  private long settled;
  private volatile Verdict verdict;

  /**
   * A mistake of the bridge.
   *
   * @param hangs whether an expected event did not come
   */
  public record Verdict(boolean hangs, String text) {}

  /** Makes the driver of a runtime; {@link #close} closes the runtime. */
  public Driver(NativeRuntime runtime) {
    this.runtime = runtime;
  }

  /** Returns the runtime of the calls. */
  public NativeRuntime runtime() {
    return runtime;
  }

  /** Sets how long each wait may take from now on. */
  public void patience(Duration each) {
    patience = each;
  }

  /** Returns the first mistake; null if there was none. */
  public Verdict verdict() {
    return verdict;
  }

  /** Returns how many calls have settled as they may. */
  public long settled() {
    return settled;
  }

  /** Reports that a promise did not hold. */
  public void wrong(String text) {
    if (verdict == null) {
      verdict = new Verdict(false, text);
    }
  }

  /** Reports that an expected event did not come. */
  public void hangs(String text) {
    if (verdict == null) {
      verdict = new Verdict(true, text);
    }
  }

  /** Takes over the first mistake that the driver of another runtime found. */
  public void include(Driver other) {
    if (verdict == null) {
      verdict = other.verdict;
    }
  }

  /** Starts a call of a kind. */
  public Settlement start(Work work, OwnerLoop loop, SplittableRandom random) {
    return start(work.make(runtime, loop, random), loop);
  }

  /** Starts a call, and cancels it if it does not end by itself. */
  public Settlement start(Known<?> known, OwnerLoop loop) {
    return start(known, loop, () -> {});
  }

  /** Starts a call as above; {@code then} runs when the callback has the outcome. */
  public Settlement start(Known<?> known, OwnerLoop loop, Runnable then) {
    Settlement call = new Settlement(known, loop, then);
    try {
      CallHandle handle = known.start(loop, call);
      pending.add(call);
      if (known.cancels() && handle.cancel()) {
        call.cancelled();
      }
    } catch (RuntimeException | Error e) {
      if (!Settlement.isTyped(e)) {
        wrong("a start threw " + e);
      }
    }
    return call;
  }

  /** Starts {@code calls} calls of random plain kinds on random loops; waits until all settled. */
  public void round(List<OwnerLoop> loops, int calls, boolean faulty, SplittableRandom random) {
    for (int i = 0; i < calls; i++) {
      start(Work.plain(random), loops.get(random.nextInt(loops.size())), random);
    }
    awaitSettled(faulty);
  }

  /** Waits until every call that was started has settled, and checks the outcomes. */
  public void awaitSettled(boolean faulty) {
    if (!await(() -> pending.stream().allMatch(Settlement::isSettled))) {
      List<Settlement> left = pending.stream().filter(call -> !call.isSettled()).toList();
      hangs(
          left.size()
              + " of "
              + pending.size()
              + " calls did not settle, such as "
              + left.get(0).name());
    }
    for (Settlement call : pending) {
      String wrong = call.isSettled() ? call.wrong(faulty) : null;
      if (wrong != null) {
        wrong(wrong);
      } else if (call.isSettled()) {
        settled++;
      }
    }
    pending.clear();
  }

  /** Checks that the bridge still works: calls of each kind on each loop have the right outcome. */
  public void isUsable(List<OwnerLoop> loops, SplittableRandom random) {
    for (OwnerLoop loop : loops) {
      for (Work work : Work.PLAIN) {
        start(work, loop, random);
      }
    }
    awaitSettled(false);
    hasNothingLeft();
  }

  /** Checks that nothing is left of ended calls. */
  public void hasNothingLeft() {
    if (!await(() -> Leftovers.ofCalls(runtime.metrics()).isEmpty())) {
      hangs("left are " + Leftovers.ofCalls(runtime.metrics()));
    }
  }

  /** Closes the runtime; checks that then nothing is left and a call is refused. */
  public void close(OwnerLoop loop) {
    try {
      runtime.close(Duration.ZERO);
    } catch (IllegalStateException e) {
      wrong("the runtime did not close: " + e);
    }
    awaitSettled(true);
    if (!await(() -> Leftovers.afterClose(runtime.metrics()).isEmpty())) {
      hangs("left of a closed runtime are " + Leftovers.afterClose(runtime.metrics()));
    }
    Settlement late =
        start(
            Known.error(Fn.ADD.call(runtime, 1L, 2L), RuntimeClosedException.class::isInstance),
            loop);
    awaitSettled(false);
    if (late.error() == null && verdict == null) {
      wrong("a call after the close did not fail");
    }
  }

  /** Waits for a condition of the bridge; returns whether it came true. */
  public boolean await(BooleanSupplier condition) {
    return Watch.until(condition, verdict == null ? patience : Duration.ofMillis(100));
  }
}
