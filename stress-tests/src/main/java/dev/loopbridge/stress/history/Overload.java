package dev.loopbridge.stress.history;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.TooManyInFlightException;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.OnLoop;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.stress.Invariant;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Makes calls beyond the limit: each is refused at once, by a typed error, and leaves nothing. */
final class Overload {

  static final int LIMIT = 64;

  private static final int BATCH = 10_000;
  private static final long ALLOWED_BYTES = 16 << 20;

  private Overload() {}

  /** Fills a port, and tries so many calls more from its loop and from other threads. */
  static Finding run(NativeRuntime runtime, OwnerLoop loop, long tries, Duration patience)
      throws Exception {
    NativeCall<Void> never = Fn.NEVER.call(runtime);
    long[] tickets = new long[LIMIT];
    AtomicLong settled = new AtomicLong();
    Finding finding =
        OnLoop.call(loop, () -> fill(RawPort.of(runtime, loop), never, tickets, settled), patience);
    if (finding != null) {
      return finding;
    }
    long before = used();
    for (long done = 0; done < tries; done += 2L * BATCH) {
      finding = OnLoop.call(loop, () -> refused(RawPort.of(runtime, loop), never), patience);
      finding = finding != null ? finding : fromElsewhere(never, loop, patience);
      if (finding != null) {
        return finding;
      }
    }
    long grown = used() - before;
    if (grown > ALLOWED_BYTES) {
      return Finding.violated(
          Invariant.I27, "refused calls have left %,d bytes behind".formatted(grown));
    }
    return empty(runtime, loop, never, tickets, settled, patience);
  }

  private static Finding fill(
      RawPort port, NativeCall<Void> never, long[] tickets, AtomicLong settled) {
    RawPort.Callback count = (ticket, result) -> settled.incrementAndGet();
    for (int i = 0; i < LIMIT; i++) {
      try {
        tickets[i] = port.start(never, count);
      } catch (TooManyInFlightException e) {
        return Finding.violated(Invariant.I27, "call %d was refused: %s".formatted(i + 1, e));
      }
    }
    return null;
  }

  private static Finding refused(RawPort port, NativeCall<Void> never) {
    for (int i = 0; i < BATCH; i++) {
      try {
        port.start(never, (ticket, result) -> {});
        return Finding.violated(Invariant.I27, "a call beyond the limit was accepted");
      } catch (TooManyInFlightException e) {
        // The expected exception.
      }
    }
    return null;
  }

  private static Finding fromElsewhere(NativeCall<Void> never, OwnerLoop loop, Duration patience) {
    AtomicLong outcomes = new AtomicLong();
    AtomicLong wrong = new AtomicLong();
    CallTarget<Void> target =
        new CallTarget<>() {
          @Override
          public void value(Void value) {
            wrong.incrementAndGet();
            outcomes.incrementAndGet();
          }

          @Override
          public void error(Throwable error) {
            if (!(error instanceof TooManyInFlightException) || !loop.inLoop()) {
              wrong.incrementAndGet();
            }
            outcomes.incrementAndGet();
          }
        };
    for (int i = 0; i < BATCH; i++) {
      never.start(loop, target);
    }
    if (!Watch.until(() -> outcomes.get() == BATCH, outcomes::get, patience)) {
      return Finding.hang(
          Invariant.I27, "of %,d calls %,d were refused".formatted(BATCH, outcomes.get()));
    }
    return wrong.get() == 0
        ? null
        : Finding.violated(Invariant.I27, wrong + " calls were not refused as they must be");
  }

  /** Checks that a call that ends makes room for one call. */
  private static Finding empty(
      NativeRuntime runtime,
      OwnerLoop loop,
      NativeCall<Void> never,
      long[] tickets,
      AtomicLong settled,
      Duration patience)
      throws Exception {
    RawPort port = RawPort.of(runtime, loop);
    OnLoop.call(loop, () -> port.cancel(tickets[0]), patience);
    LongSupplier places = () -> runtime.metrics().liveCalls();
    if (!Watch.until(() -> places.getAsLong() == LIMIT - 1, places, patience)) {
      return Finding.hang(Invariant.I5, "a cancelled call still takes its place");
    }
    Finding finding =
        OnLoop.call(
            loop,
            () -> {
              tickets[0] = port.start(never, (ticket, result) -> settled.incrementAndGet());
              Finding more = refused(port, never);
              for (long ticket : tickets) {
                port.cancel(ticket);
              }
              return more;
            },
            patience);
    if (finding == null && !Watch.until(() -> live(runtime) == 0, () -> live(runtime), patience)) {
      return Finding.hang(
          Invariant.I5, "cancelled calls still take their places: " + live(runtime));
    }
    return finding != null || settled.get() == 0
        ? finding
        : Finding.violated(Invariant.I5, "callbacks of cancelled calls: " + settled);
  }

  private static long live(NativeRuntime runtime) {
    return runtime.metrics().liveCalls() + runtime.metrics().liveTasks();
  }

  private static long used() {
    System.gc();
    Runtime jvm = Runtime.getRuntime();
    return jvm.totalMemory() - jvm.freeMemory();
  }
}
