package dev.loopbridge;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;

/** A runtime and a loop for one test; nothing of them is left after it. */
abstract class LoopScene {

  final NativeRuntime runtime;
  final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());

  LoopScene() {
    this(Builtin.runtime());
  }

  LoopScene(NativeRuntime runtime) {
    this.runtime = runtime;
  }

  @AfterEach
  final void closeAll() {
    NettyNioLoopTest.end(loop);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  final <R> CompletableFuture<R> start(NativeCall<R> call) {
    return call.toFuture(loop);
  }

  final <R> R run(NativeCall<R> call) throws Exception {
    return start(call).get(30, TimeUnit.SECONDS);
  }

  /** The error with which the call fails. */
  final Throwable failure(NativeCall<?> call) {
    try {
      throw new AssertionError("it returned " + run(call));
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (Exception e) {
      return e;
    }
  }

  /** Starts thousands of calls and cancels each, in groups and after random times. */
  final void cancelSoon(Function<SplittableRandom, CompletableFuture<?>> started) {
    SplittableRandom random = new SplittableRandom(1);
    List<CompletableFuture<?>> group = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      group.add(started.apply(random));
      if (group.size() == 16) {
        for (CompletableFuture<?> each : group) {
          for (int spin = random.nextInt(200); spin > 0; spin--) {
            Thread.onSpinWait();
          }
          each.cancel(false);
        }
        group.clear();
      }
    }
    group.forEach(call -> call.cancel(false));
  }

  final <R> R onLoop(Callable<R> task) throws Exception {
    return OnLoop.call(loop, task);
  }

  /** The value of a built-in counter. */
  final long counted(String name) throws Exception {
    return runtime.function(name, Long.class).call().await();
  }
}
