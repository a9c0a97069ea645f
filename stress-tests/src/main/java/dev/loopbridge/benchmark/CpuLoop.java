package dev.loopbridge.benchmark;

import dev.loopbridge.NativeCall;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * Measures a computation on all processors. It has parts that depend on nothing; each part is a
 * chain of steps that no compiler can run side by side. Every arm computes the same sum, and each
 * sum is checked.
 */
final class CpuLoop {

  static final String ID = "cpu-loop";
  static final String SERIAL = "Java, one thread";
  static final String VIRTUAL_THREADS = "Java, virtual threads";
  static final String STREAM = "Java, parallel stream";
  static final String PROCESSES = "Java, a pool of processes";
  static final String BRIDGE = "bridge, from one loop";
  static final String RUST = "pure Rust on Tokio";

  static final int PARTS = 64;

  /** A part takes about a quarter of a millisecond. */
  static final long STEPS = 100_000;

  /** Long enough for many computations. */
  private static final int SLICES = 3;

  private CpuLoop() {}

  static List<Table> measure(Harness harness, Consumer<String> notes) throws Exception {
    try (Ground ground = new Ground();
        CpuProcesses processes = new CpuProcesses(Ground.WORKERS)) {
      List<Arm> arms = new ArrayList<>();
      arms.add(new Computing(SERIAL, () -> sum(0, PARTS)));
      arms.add(
          new Computing(
              STREAM, () -> LongStream.range(0, PARTS).parallel().map(CpuLoop::part).sum()));
      ExecutorService virtual = RoundTrips.virtualThreads();
      if (virtual == null) {
        notes.accept("cpu loop: virtual threads skipped, this JDK is older than 21");
      } else {
        arms.add(new Computing(VIRTUAL_THREADS, () -> onThreads(virtual)));
      }
      arms.add(processes);
      arms.add(new Computing(BRIDGE, bridge(ground)::compute));
      arms.add(new Computing(RUST, () -> HandWritten.bareLoop(PARTS, STEPS)));
      return List.of(
          harness.compare(
              ID,
              "A CPU loop of 64 parts on all processors, its sum checked",
              Harness.NANOS,
              RUST,
              arms,
              SLICES * harness.effort().sliceNanos()));
    }
  }

  /** Computes one part, as the crate's work.rs does. */
  static long part(long part) {
    long number = part * 0x9E37_79B9L + 1;
    long sum = 0;
    for (long i = 0; i < STEPS; i++) {
      number ^= number << 13;
      number ^= number >>> 7;
      number ^= number << 17;
      sum += number;
    }
    return sum;
  }

  /** Computes the parts from {@code first} to before {@code end}. */
  static long sum(int first, int end) {
    long sum = 0;
    for (int part = first; part < end; part++) {
      sum += part(part);
    }
    return sum;
  }

  private static long onThreads(ExecutorService virtual) throws Exception {
    List<Future<Long>> parts = new ArrayList<>();
    for (int i = 0; i < PARTS; i++) {
      int part = i;
      parts.add(virtual.submit(() -> part(part)));
    }
    long sum = 0;
    for (Future<Long> part : parts) {
      sum += part.get();
    }
    return sum;
  }

  private static Bridged bridge(Ground ground) {
    List<NativeCall<Long>> calls = new ArrayList<>();
    for (long part = 0; part < PARTS; part++) {
      calls.add(Fn.CPU_LOOP.call(ground.runtime, part, STEPS));
    }
    return new Bridged(ground.loop, RawPort.of(ground.runtime, ground.owner), calls);
  }

  /** Starts all parts from one turn of the loop, and adds up their results there. */
  private static final class Bridged {

    private final EventLoop loop;
    private final RawPort port;
    private final List<NativeCall<Long>> calls;

    // Only the loop uses these while a computation lasts.
    private long sum;
    private int waiting;
    private CountDownLatch through;

    Bridged(EventLoop loop, RawPort port, List<NativeCall<Long>> calls) {
      this.loop = loop;
      this.port = port;
      this.calls = calls;
    }

    long compute() throws InterruptedException {
      CountDownLatch ended = new CountDownLatch(1);
      loop.execute(
          () -> {
            sum = 0;
            waiting = PARTS;
            through = ended;
            calls.forEach(call -> port.start(call, this::ended));
          });
      ended.await();
      return sum;
    }

    private void ended(long ticket, Object outcome) {
      if (RawPort.isValue(outcome)) {
        sum += RawPort.longValue(outcome);
      }
      if (--waiting == 0) {
        through.countDown();
      }
    }
  }

  private interface Computation {
    long compute() throws Exception;
  }

  /** An arm whose operation is the whole computation. */
  private record Computing(String name, Computation computation) implements Arm {

    @Override
    public long run(long nanos) throws Exception {
      long deadline = System.nanoTime() + nanos;
      long operations = 0;
      do {
        check(name, computation.compute());
        operations++;
      } while (System.nanoTime() < deadline);
      return operations;
    }
  }

  /** Throws if the sum is not that of all parts. */
  static void check(String name, long sum) {
    if (sum != Expected.SUM) {
      throw new IllegalStateException(name + ": the sum is " + sum + ", not " + Expected.SUM);
    }
  }

  private static final class Expected {
    static final long SUM = sum(0, PARTS);
  }
}
