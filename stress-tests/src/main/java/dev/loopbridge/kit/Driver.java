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
 * Drives calls of {@link Work} through a runtime, and knows what must hold of them and of it
 * afterwards. Nothing here throws for what the bridge does wrong: {@link #verdict} has what that
 * was first. Calls may be started on any thread, all else is for one.
 */
public final class Driver {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final NativeRuntime runtime;
  private final Queue<Settlement> pending = new ConcurrentLinkedQueue<>();
  private Duration patience = PATIENCE;
  private long settled;
  private volatile Verdict verdict;

  /**
   * What did not hold.
   *
   * @param hangs whether it is something that did not come
   */
  public record Verdict(boolean hangs, String text) {}

  /** Of a runtime that it does not close by itself. */
  public Driver(NativeRuntime runtime) {
    this.runtime = runtime;
  }

  /** What its calls run in. */
  public NativeRuntime runtime() {
    return runtime;
  }

  /** How long each wait may take from now on. */
  public void patience(Duration each) {
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
  public void wrong(String text) {
    if (verdict == null) {
      verdict = new Verdict(false, text);
    }
  }

  /** Says that something did not come. */
  public void hangs(String text) {
    if (verdict == null) {
      verdict = new Verdict(true, text);
    }
  }

  /** Takes over what did not hold first for the driver of another runtime. */
  public void include(Driver other) {
    if (verdict == null) {
      verdict = other.verdict;
    }
  }

  /** Starts a call of a kind. */
  public Settlement start(Work work, OwnerLoop loop, SplittableRandom random) {
    return start(work.make(runtime, loop, random), loop);
  }

  /** Starts a call, and cancels it if it is one for that. */
  public Settlement start(Known<?> known, OwnerLoop loop) {
    return start(known, loop, () -> {});
  }

  /** The same; {@code then} runs as its callback has its outcome. */
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

  /** Starts so many calls of any plain kind, on any of the loops, and waits until they settled. */
  public void round(List<OwnerLoop> loops, int calls, boolean faulty, SplittableRandom random) {
    for (int i = 0; i < calls; i++) {
      start(Work.plain(random), loops.get(random.nextInt(loops.size())), random);
    }
    awaitSettled(faulty);
  }

  /** Waits until every call that was started has settled, and looks at how. */
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

  /** The bridge is as good as new: calls of each kind on each loop give what they should. */
  public void isUsable(List<OwnerLoop> loops, SplittableRandom random) {
    for (OwnerLoop loop : loops) {
      for (Work work : Work.PLAIN) {
        start(work, loop, random);
      }
    }
    awaitSettled(false);
    hasNothingLeft();
  }

  /** Nothing is left of calls, whatever became of them. */
  public void hasNothingLeft() {
    if (!await(() -> Leftovers.ofCalls(runtime.metrics()).isEmpty())) {
      hangs("left are " + Leftovers.ofCalls(runtime.metrics()));
    }
  }

  /** Closes the runtime: then nothing at all is left, and each call is refused. */
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

  /** Waits for a condition of the bridge; false if it did not come true. */
  public boolean await(BooleanSupplier condition) {
    return Watch.until(condition, verdict == null ? patience : Duration.ofMillis(100));
  }
}
