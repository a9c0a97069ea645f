package dev.loopbridge.stress.process;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.NettyLoop;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.kit.Fn;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A runtime with work of every kind in flight: calls that never end, and calls that end and
 * restart.
 */
final class InFlight {

  private static final int NEVER = 500;
  private static final int EACH = 20;
  private static final long MOST_SPINS_NANOS = 20_000_000_000L;

  final NativeRuntime runtime;
  final OwnerLoop loop;

  private InFlight(NativeRuntime runtime, OwnerLoop loop) {
    this.runtime = runtime;
    this.loop = loop;
  }

  /** Starts the work; returns when each kind of work that ends has ended once. */
  static InFlight start() throws InterruptedException {
    NativeRuntime runtime =
        NativeRuntime.builder(NativeLibrary.load("loopbridge_builtin"))
            .workerThreads(2)
            .threadName("in-flight")
            .build();
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("loop", /* daemon= */ true), NioIoHandler.newFactory());
    InFlight work = new InFlight(runtime, NettyLoop.of(group.next()));
    work.fill();
    return work;
  }

  private void fill() throws InterruptedException {
    JavaHandler<Long, Long> next = JavaHandler.of(Long.class, Long.class, number -> number + 1);
    List<NativeCall<?>> calls = new ArrayList<>();
    calls.add(Fn.SLEEP.call(runtime, 1L));
    calls.add(Fn.YIELD_TIMES.call(runtime, 5L));
    calls.add(Fn.ECHO.call(runtime, new byte[70_000]));
    calls.add(Fn.ASK_IN_TURN.call(runtime, 3L, next));
    calls.add(Fn.LOCAL_SLEEP.call(runtime, 1L));
    calls.add(Fn.BURN_BLOCKING.call(runtime, 10L));
    NativeCall<Void> never = Fn.NEVER.call(runtime);
    for (int i = 0; i < NEVER; i++) {
      never.toFuture(i % 2 == 0 ? loop : runtime.currentLoop());
    }
    CountDownLatch each = new CountDownLatch(calls.size() * EACH);
    for (NativeCall<?> call : calls) {
      for (int i = 0; i < EACH; i++) {
        again(call, each);
      }
    }
    each.await();
    long start = System.nanoTime();
    while (runtime.metrics().liveTasks() < NEVER) {
      if (System.nanoTime() - start > MOST_SPINS_NANOS) {
        throw new IllegalStateException("not in flight: " + runtime.metrics());
      }
      Thread.onSpinWait();
    }
  }

  /** Starts the call for as long as calls settle; each counts when it has settled once. */
  private <R> void again(NativeCall<R> call, CountDownLatch first) {
    call.toFuture(loop)
        .whenComplete(
            (value, error) -> {
              if (error == null) {
                first.countDown();
                again(call, new CountDownLatch(0));
              }
            });
  }
}
