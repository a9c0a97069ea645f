package dev.loopbridge.stress.history;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.kit.Signals;
import dev.loopbridge.kit.Watch;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.stress.Invariant;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;

/**
 * Checks that the results of one producer arrive in the order in which it produced them, while
 * others produce too: wakes of loop-driven futures by one thread, ends of waits on one worker,
 * questions to one handler.
 */
final class Orders {

  private static final int AT_ONCE = 16;

  private final NativeRuntime runtime;
  private final NativeRuntime control;
  private final OwnerLoop loop;
  private final Duration patience;

  /**
   * Makes the rounds of a loop.
   *
   * @param runtime the runtime under test, which has one worker
   * @param control the runtime that gives the signals
   */
  Orders(NativeRuntime runtime, NativeRuntime control, OwnerLoop loop, Duration patience) {
    this.runtime = runtime;
    this.control = control;
    this.loop = loop;
    this.patience = patience;
  }

  /** Runs one round; returns null if all results came in order. */
  Finding round(SplittableRandom random) {
    NativeCall<Long> noise = Fn.YIELD_TIMES.call(runtime, 1L + random.nextInt(3));
    Queue<CompletableFuture<Long>> noises = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < AT_ONCE; i++) {
      noises.add(noise.toFuture(loop));
    }
    Finding finding = waits(Fn.AWAIT_SIGNAL, random);
    if (finding == null && loop.hasOneThread()) {
      finding = waits(Fn.LOCAL_AWAIT_SIGNAL, random);
    }
    return finding != null ? finding : questions();
  }

  /** Returns how many results {@link #round} checks. */
  int count() {
    return (loop.hasOneThread() ? 3 : 2) * AT_ONCE;
  }

  private Finding waits(Fn<Long> function, SplittableRandom random) {
    long first = Signals.block(AT_ONCE);
    Queue<Long> arrived = new ConcurrentLinkedQueue<>();
    Queue<Long> ended = new ConcurrentLinkedQueue<>();
    long[] numbers = LongStream.range(first, first + AT_ONCE).toArray();
    for (int i = numbers.length; i > 1; i--) {
      int other = random.nextInt(i);
      long swapped = numbers[other];
      numbers[other] = numbers[i - 1];
      numbers[i - 1] = swapped;
    }
    for (long number : numbers) {
      function.call(runtime, number).start(loop, new Arrival(number, arrived, ended));
    }
    var passed = Fn.NOOP.call(runtime).toFuture(loop);
    if (!Watch.until(passed::isDone, () -> 0, patience)) {
      return Finding.hang(Invariant.I24, "a noop did not come back");
    }
    Fn.SIGNAL.call(control, first, (long) AT_ONCE).toFuture();
    if (!Watch.until(() -> arrived.size() == AT_ONCE, arrived::size, patience)) {
      return Finding.hang(
          Invariant.I1, "%d of %d %s were woken".formatted(arrived.size(), AT_ONCE, function));
    }
    boolean local = function == Fn.LOCAL_AWAIT_SIGNAL;
    List<Long> order = List.copyOf(local ? arrived : ended);
    return order.equals(order.stream().sorted().toList())
        ? null
        : Finding.violated(Invariant.I24, function + " produced in order arrived as " + order);
  }

  private record Arrival(long number, Queue<Long> arrived, Queue<Long> ended)
      implements CallTarget<Long> {

    @Override
    public void value(Long place) {
      ended.add(place);
      arrived.add(number);
    }

    @Override
    public void error(Throwable error) {
      ended.add(-1L);
      arrived.add(-1L);
    }
  }

  private Finding questions() {
    Queue<Long> asked = new ConcurrentLinkedQueue<>();
    JavaHandler<Long, Long> handler =
        JavaHandler.of(
            Long.class,
            Long.class,
            number -> {
              asked.add(number);
              return number;
            });
    CompletableFuture<Long> sum =
        Fn.ASK_IN_ORDER.call(runtime, (long) AT_ONCE, handler.atOnce(AT_ONCE)).toFuture(loop);
    if (!Watch.until(sum::isDone, asked::size, patience)) {
      return Finding.hang(Invariant.I3, "asked %d of %d times".formatted(asked.size(), AT_ONCE));
    }
    List<Long> order = List.copyOf(asked);
    return order.equals(LongStream.range(0, AT_ONCE).boxed().toList())
        ? null
        : Finding.violated(Invariant.I24, "a handler was asked in the order " + order);
  }
}
