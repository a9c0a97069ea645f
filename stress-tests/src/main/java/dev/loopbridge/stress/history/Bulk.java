package dev.loopbridge.stress.history;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.stress.Invariant;
import io.netty.util.collection.LongObjectHashMap;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Makes very many cheap calls on one loop by raw callbacks, and cancels some: each settles once, on
 * the loop, with the outcome that belongs to its ticket.
 */
final class Bulk implements RawPort.Callback {

  /** How many calls are in flight at a time. */
  static final int WINDOW = 256;

  private record Cheap(NativeCall<?> call, Outcome outcome) {}

  private final OwnerLoop loop;
  private final RawPort port;
  private final long total;
  private final int window;
  private final SplittableRandom random;
  private final List<Cheap> calls = new ArrayList<>();

  // Only the loop uses these.
  private final LongObjectHashMap<Cheap> inFlight = new LongObjectHashMap<>();
  private boolean pumping;
  private boolean starting;
  private long early;
  private Outcome earlyOutcome;
  private long started;

  private volatile long settled;
  private volatile long cancelled;
  private volatile Finding finding;

  Bulk(NativeRuntime runtime, OwnerLoop loop, long total, int window, SplittableRandom random) {
    this.loop = loop;
    this.port = RawPort.of(runtime, loop);
    this.total = total;
    this.window = window;
    this.random = random;
    for (long number = 0; number < 16; number++) {
      Outcome sum = Outcome.value(number + 1);
      calls.add(new Cheap(Fn.ADD.call(runtime, number, 1L), sum));
      calls.add(new Cheap(Fn.YIELD_TIMES.call(runtime, number % 3), Outcome.value(number % 3)));
      if (loop.hasOneThread()) {
        calls.add(new Cheap(Fn.LOCAL_ADD.call(runtime, number, 1L), sum));
        calls.add(
            new Cheap(Fn.LOCAL_YIELD_TIMES.call(runtime, number % 3), Outcome.value(number % 3)));
      }
    }
    calls.add(new Cheap(Fn.FAIL.call(runtime, "as planned", 0), Outcome.error("as planned")));
    calls.add(new Cheap(Fn.NEVER.call(runtime), null));
  }

  /** Runs all calls; returns null if nothing is wrong. */
  Finding run(Duration patience) {
    loop.execute(this::pump);
    boolean done =
        Watch.until(
            () -> finding != null || settled + cancelled == total,
            () -> settled + cancelled,
            patience);
    if (finding == null && !done) {
      return Finding.hang(
          Invariant.I3,
          "of %,d calls %,d settled and %,d were cancelled, the others do not settle"
              .formatted(started, settled, cancelled));
    }
    return finding;
  }

  long cancelled() {
    return cancelled;
  }

  private void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (started < total && inFlight.size() < window && finding == null) {
        start(calls.get(random.nextInt(calls.size())));
      }
    } finally {
      pumping = false;
    }
  }

  private void start(Cheap cheap) {
    started++;
    early = 0;
    starting = true;
    long ticket;
    try {
      ticket = port.start(cheap.call, this);
    } catch (RuntimeException | Error e) {
      wrong(Invariant.I3, "a start threw " + e);
      return;
    } finally {
      starting = false;
    }
    if (early == ticket) {
      settle(ticket, cheap, earlyOutcome);
      return;
    }
    inFlight.put(ticket, cheap);
    if (cheap.outcome == null || random.nextInt(64) == 0) {
      cancel(ticket);
    }
  }

  private void cancel(long ticket) {
    if (!port.cancel(ticket)) {
      wrong(Invariant.I5, "a call in flight could not be cancelled");
    } else if (port.cancel(ticket)) {
      wrong(Invariant.I5, "a call was cancelled twice");
    }
    inFlight.remove(ticket);
    cancelled++; // single writer
  }

  @Override
  public void ended(long ticket, Object result) {
    Outcome outcome =
        RawPort.isValue(result)
            ? Outcome.value(RawPort.longValue(result))
            : Outcome.of(RawPort.error(result));
    if (starting && !inFlight.containsKey(ticket)) {
      early = ticket;
      earlyOutcome = outcome;
      return;
    }
    Cheap cheap = inFlight.remove(ticket);
    if (cheap == null) {
      wrong(Invariant.I3, "a call settled that had settled before, or was cancelled: " + outcome);
      return;
    }
    settle(ticket, cheap, outcome);
    pump();
  }

  private void settle(long ticket, Cheap cheap, Outcome outcome) {
    if (!outcome.equals(cheap.outcome)) {
      wrong(
          Invariant.I3,
          "%s (%x) ended with %s, not with %s"
              .formatted(cheap.call, ticket, outcome, cheap.outcome));
    } else if (!loop.inLoop()) {
      wrong(Invariant.I23, "a raw callback ran off its loop, on " + Thread.currentThread());
    }
    settled++; // single writer
  }

  private void wrong(Invariant invariant, String text) {
    if (finding == null) {
      finding = Finding.violated(invariant, text);
    }
  }
}
