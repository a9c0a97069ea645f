package dev.loopbridge.stress.hostile;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.loopbridge.InvalidHandleException;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeMethods;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RawPort;
import dev.loopbridge.kit.Fn;
import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.Trial;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import java.util.SplittableRandom;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Two threads that end the same thing at the same time: it ends once. */
final class Races {

  private static final int LARGE = 2_000;

  private final Trial trial;
  private final SplittableRandom random;
  private final NativeRuntime runtime;
  private final OwnerLoop loop;
  private final int library;
  private final long port;
  private final CyclicBarrier line = new CyclicBarrier(2);
  private volatile Runnable task = () -> {};
  private volatile boolean done;

  /**
   * Has a payload and objects of its own.
   *
   * @param beside whose loops own them
   */
  Races(Trial trial, SplittableRandom random, Neighbours beside, int library) {
    this.trial = trial;
    this.random = random;
    this.runtime = beside.runtime();
    this.loop = beside.bound().get(0);
    this.library = library;
    this.port = NativeMethods.handle(RawPort.of(runtime, loop));
  }

  /** Runs so many of each. */
  void run(int rounds) throws Exception {
    Thread other = new Thread(this::follow, "racer");
    other.setDaemon(true);
    other.start();
    NativeFunction<byte[]> echo = Fn.ECHO.in(runtime);
    NativeFunction<ByteBuf> make = Fn.MAKE_BUFFER.in(runtime);
    NativeFunction<NativeRef> counter = Fn.COUNTER.in(runtime);
    NativeFunction<Void> never = Fn.NEVER.in(runtime);
    for (int round = 0; round < rounds; round++) {
      payload();
      buffer(make);
      if (round % 4 == 0) {
        reference(counter);
        cancelled(never);
      }
    }
    race(() -> done = true);
    trial.ran(
        Invariant.I8, "things ended by two threads at once, each once", 2L * rounds + rounds / 2);
    // So that nothing is only on its way.
    byte[] last = new byte[LARGE];
    echo.call((Object) last).toFuture(loop).get(Neighbours.PATIENCE_SECONDS, SECONDS);
  }

  /** Of two releases of one ticket, native code takes one. */
  private void payload() throws Exception {
    long ticket = NativeMethods.payloadGive(library, port, new byte[random.nextInt(100)]);
    AtomicInteger taken = new AtomicInteger();
    race(
        () -> {
          try {
            NativeMethods.payloadRelease(library, port, ticket);
            taken.incrementAndGet();
          } catch (InvalidHandleException e) {
            // The other was first.
          }
        });
    once(taken.get(), "payload");
  }

  /** Of two releases of a buffer's last reference, one gives it back. */
  private void buffer(NativeFunction<ByteBuf> make) throws Exception {
    ByteBuf buffer =
        make.call((long) LARGE).toFuture(loop).get(Neighbours.PATIENCE_SECONDS, SECONDS);
    AtomicInteger released = new AtomicInteger();
    race(
        () -> {
          try {
            if (buffer.release()) {
              released.incrementAndGet();
            }
          } catch (IllegalReferenceCountException e) {
            // The other was first.
          }
        });
    once(released.get(), "buffer");
    try {
      buffer.getByte(0);
      trial.violated(Invariant.I8, "a released result could be read", "races");
    } catch (IllegalReferenceCountException e) {
      // As it should be.
    }
  }

  private void reference(NativeFunction<NativeRef> counter) throws Exception {
    NativeRef reference = counter.call(1L).toFuture(loop).get(Neighbours.PATIENCE_SECONDS, SECONDS);
    race(reference::close);
    if (!reference.isClosed()) {
      trial.violated(Invariant.I8, "a closed reference says it is open", "races");
    }
  }

  private void cancelled(NativeFunction<Void> never) throws Exception {
    CompletableFuture<Void> waiting = never.call().toFuture(loop);
    race(() -> waiting.cancel(true));
    if (!waiting.isCancelled()) {
      trial.violated(Invariant.I8, "a cancelled call is not", "races");
    }
  }

  private void once(int times, String what) {
    if (times != 1) {
      trial.violated(Invariant.I8, "a " + what + " was released " + times + " times", "races");
    }
  }

  /** Runs the task on both threads at once. */
  private void race(Runnable both) throws InterruptedException {
    task = both;
    meet();
    both.run();
    meet();
  }

  private void follow() {
    try {
      while (!done) {
        meet();
        task.run();
        meet();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void meet() throws InterruptedException {
    try {
      line.await(Neighbours.PATIENCE_SECONDS, SECONDS);
    } catch (BrokenBarrierException | TimeoutException e) {
      trial.hangs(Invariant.I8, "two threads that end the same thing do not come back", "races");
    }
  }
}
