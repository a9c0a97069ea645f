package dev.loopbridge;

import dev.loopbridge.spi.CallHandle;
import dev.loopbridge.spi.CallTarget;
import dev.loopbridge.spi.HandlerAnswer;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/**
 * What the child JVMs of {@link ExhaustionTest} run: the bridge is used at every depth near the end
 * of a stack, and with a heap that is full at every allocation. Every call, reference and handler
 * that a start returned settles, the loop and the port go on, and the close finds nothing left.
 */
public final class ExhaustionMain {

  /** Levels above the end of the stack at which the operation is tried. */
  private static final int LEVELS = 400;

  private static final long SMALL_STACK = 256 << 10;
  private static final long PATIENCE_SECONDS = 60;

  private final NativeRuntime runtime =
      NativeRuntime.builder(Builtin.library()).workerThreads(2).maxInFlight(1 << 14).build();
  private final NettyLoop loop = NettyLoop.of(NettyNioLoopTest.newLoop());
  private final Port port = runtime.on(loop);
  private final NativeCall<Long> add = sum("add");
  private final NativeCall<Long> localAdd = sum("localAdd");
  private final NativeCall<ByteBuf> bytes =
      runtime.function("makeBytes", ByteBuf.class, long.class).call(5_000L);
  private final NativeCall<Void> never = runtime.function("never", Void.class).call();

  private final int rounds;

  private ExhaustionMain(int rounds) {
    this.rounds = rounds;
  }

  private NativeCall<Long> sum(String function) {
    return runtime.function(function, Long.class, long.class, long.class).call(40L, 2L);
  }

  /** Takes the name of a scenario and the number of its rounds. */
  public static void main(String[] arguments) throws Exception {
    ExhaustionMain scene = new ExhaustionMain(Integer.parseInt(arguments[1]));
    try {
      scene.run(arguments[0]);
      System.out.println("all settled");
      System.exit(0);
    } catch (Throwable e) {
      e.printStackTrace();
      System.out.println(scene.runtime.metrics());
      System.exit(1);
    }
  }

  private void run(String scenario) throws Exception {
    warmUp();
    switch (scenario) {
      case "starts" -> starts();
      case "starts-on-loop" -> startsOnLoop();
      case "raw-starts-on-loop" -> rawStartsOnLoop();
      case "cancels" -> cancels();
      case "answers" -> answers();
      case "recursion" -> recursion();
      case "heap" -> heap();
      default -> throw new IllegalArgumentException(scenario);
    }
    end();
  }

  /** Uses the classes of the JVM and of the loop once, as a process at work has done. */
  private void warmUp() throws Exception {
    for (NativeCall<?> call : List.of(add, localAdd)) {
      call.toFuture(loop).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      call.toPromise(loop.executor()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    bytes.toFuture(loop).get(PATIENCE_SECONDS, TimeUnit.SECONDS).release();
    never.toFuture(loop).cancel(false);
    onLoop(() -> never.toFuture(loop).cancel(false));
  }

  private void onLoop(Runnable task) throws Exception {
    loop.executor().submit(task).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static void atEachDepth(int round, Runnable attempt) {
    StackEnd.climb(
        LEVELS,
        round,
        () -> {
          try {
            attempt.run();
          } catch (StackOverflowError e) {
            // The start returned nothing.
          }
        });
  }

  private void atEachDepthOffTheLoop(int round, Runnable attempt) throws Exception {
    Thread thread =
        new Thread(null, () -> atEachDepth(round, attempt), "deep", SMALL_STACK + 16L * round);
    thread.start();
    thread.join();
  }

  private static void await(String what, BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(what);
      }
      Thread.sleep(1);
    }
  }

  private void awaitDone(int round, List<? extends Future<?>> started) throws Exception {
    await(
        "in round " + round + " a part of " + started.size() + " calls did not settle",
        () -> started.stream().allMatch(Future::isDone));
  }

  private void end() throws Exception {
    add.toFuture(loop).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    Builtin.awaitNothingLeft(runtime);
    CloseReport report = runtime.close(Duration.ZERO);
    if (report.cancelled() > 0 || !report.unresponsiveLoops().isEmpty()) {
      throw new AssertionError(report);
    }
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private <R> IntFunction<Future<R>> kinds(NativeCall<R> call) {
    return kind -> kind % 2 == 0 ? call.toFuture(loop) : call.toPromise(loop.executor());
  }

  private void starts() throws Exception {
    for (int round = 0; round < rounds; round++) {
      List<Future<Long>> started = new ArrayList<>(LEVELS);
      IntFunction<Future<Long>> start = kinds(round % 4 < 2 ? add : localAdd);
      int kind = round / 4;
      atEachDepthOffTheLoop(round, () -> started.add(start.apply(kind)));
      awaitDone(round, started);
    }
  }

  private void startsOnLoop() throws Exception {
    for (int round = 0; round < rounds; round++) {
      int number = round;
      List<CompletableFuture<?>> stages = new ArrayList<>(LEVELS);
      NativeCall<?> call = round % 6 < 2 ? add : round % 6 < 4 ? localAdd : bytes;
      onLoop(() -> atEachDepth(number, () -> stages.add(call.toFuture(loop))));
      awaitDone(round, stages);
      for (CompletableFuture<?> stage : stages) {
        stage.thenAccept(CallTarget::release);
      }
    }
  }

  /**
   * The callback of a start that throws is not called; that of any other start is called exactly
   * once.
   */
  private void rawStartsOnLoop() throws Exception {
    for (int round = 0; round < rounds; round++) {
      int number = round;
      long[] tickets = new long[LEVELS];
      int[] started = {0};
      List<Long> settled = new ArrayList<>(2 * LEVELS);
      NativeCall<Long> call = round % 4 < 2 ? add : localAdd;
      onLoop(
          () ->
              atEachDepth(
                  number,
                  () -> {
                    long ticket = call.start(port, (its, result) -> settled.add(its));
                    tickets[started[0]++] = ticket;
                  }));
      Builtin.awaitNothingLeft(runtime);
      onLoop(() -> {});
      for (int i = 0; i < started[0]; i++) {
        if (!settled.remove(tickets[i])) {
          throw new AssertionError("in round " + round + " a call did not settle");
        }
      }
      if (!settled.isEmpty()) {
        throw new AssertionError(
            "in round " + round + " " + settled.size() + " calls settled that never started");
      }
    }
  }

  private void cancels() throws Exception {
    for (int round = 0; round < rounds; round++) {
      List<CallHandle> handles = new ArrayList<>();
      for (int i = 0; i < LEVELS; i++) {
        handles.add(
            never.start(
                loop,
                new CallTarget<Void>() {
                  @Override
                  public void value(Void value) {}

                  @Override
                  public void error(Throwable error) {}
                }));
      }
      await("calls did not start", () -> runtime.metrics().liveTasks() == LEVELS);
      int[] next = {0};
      int[] cancelled = {0};
      Runnable cancel =
          () -> {
            if (handles.get(next[0]++).cancel()) {
              cancelled[0]++;
            }
          };
      int number = round;
      if (round % 4 < 2) {
        atEachDepthOffTheLoop(round, cancel);
      } else {
        onLoop(() -> atEachDepth(number, cancel));
      }
      int left = LEVELS - cancelled[0];
      await(
          "in round " + round + " a cancel did not reach Rust",
          () -> runtime.metrics().liveTasks() <= left);
      handles.forEach(CallHandle::cancel);
      Builtin.awaitNothingLeft(runtime);
    }
  }

  /** An answer that threw has not been given, and may be given again. */
  private void answers() throws Exception {
    Queue<HandlerAnswer<Long>> asked = new ConcurrentLinkedQueue<>();
    JavaHandler<Long, Long> handler = HandlerScene.later(Long.class, asked);
    NativeCall<Long> ask =
        runtime.function("ask", Long.class, long.class, JavaHandler.class).call(1L, handler);
    for (int round = 0; round < rounds; round++) {
      List<Future<Long>> started = new ArrayList<>();
      for (int i = 0; i < LEVELS; i++) {
        started.add(ask.toFuture(loop));
      }
      await("handlers were not asked", () -> asked.size() == LEVELS);
      List<HandlerAnswer<Long>> answers = new ArrayList<>(asked);
      asked.clear();
      int number = round;
      int[] next = {0};
      Runnable answer = () -> answers.get(next[0]++).value(2L);
      if (round % 4 < 2) {
        atEachDepthOffTheLoop(round, answer);
      } else {
        onLoop(() -> atEachDepth(number, answer));
      }
      answers.forEach(each -> each.value(3L));
      awaitDone(round, started);
    }
  }

  private void recursion() throws Exception {
    for (int round = 0; round < rounds; round++) {
      List<CompletableFuture<Long>> stages = new ArrayList<>();
      onLoop(() -> stages.add(recurse(10_000)));
      awaitDone(round, stages);
    }
  }

  private CompletableFuture<Long> recurse(int left) {
    CompletableFuture<Long> stage = localAdd.toFuture(loop);
    return left == 0 ? stage : stage.thenCompose(sum -> recurse(left - 1));
  }

  /**
   * Each round leaves some bytes less of the heap free than the last, so that each allocation is,
   * in some round, the first to fail.
   */
  private void heap() throws Exception {
    OwnerLoop array = new ArrayLoop();
    NativeCall<Long> yield = runtime.function("yieldTimes", Long.class, long.class).call(3L);
    NativeCall<Long> localYield =
        runtime.function("localYieldTimes", Long.class, long.class).call(3L);
    NativeCall<Long> ask =
        runtime
            .function("ask", Long.class, long.class, JavaHandler.class)
            .call(1L, JavaHandler.of(Long.class, Long.class, number -> number + 1));
    List<NativeCall<?>> calls = List.of(add, localAdd, yield, localYield, bytes, ask);
    for (NativeCall<?> call : calls) {
      call.toFuture(array).thenAccept(CallTarget::release).get(30, TimeUnit.SECONDS);
    }
    Object[] started = new Object[2];
    for (int round = 0; round < rounds; round++) {
      NativeCall<?> call = calls.get(round % calls.size());
      Runnable start = () -> started[0] = call.toFuture(array);
      FutureTask<?> onLoop = new FutureTask<>(() -> started[1] = call.toFuture(array));
      // The first rounds of all load classes.
      Object[] blocks = round < calls.size() ? null : fill();
      for (int room = calls.size(); room < round && blocks != null; room++) {
        blocks = (Object[]) blocks[0];
      }
      try {
        array.execute(onLoop);
        start.run();
        // The time that the calls take with a free heap, and much more.
        for (int i = 0; i < 20 && !isDone(started[0]); i++) {
          LockSupport.parkNanos(1_000_000);
        }
      } catch (VirtualMachineError | LinkageError e) {
        // The start returned nothing.
      }
      blocks = null;
      onLoop.cancel(false);
      FutureTask<?> turn = new FutureTask<>(() -> null);
      array.execute(turn);
      turn.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      for (int i = 0; i < started.length; i++) {
        if (started[i] instanceof CompletableFuture<?> stage) {
          awaitDone(round, List.of(stage));
          stage.thenAccept(CallTarget::release);
        }
        started[i] = null;
      }
    }
  }

  private static boolean isDone(Object started) {
    return started instanceof Future<?> future && future.isDone();
  }

  /** A chain of blocks that leaves no room for another; the smallest block comes first. */
  private static Object[] fill() {
    Object[] blocks = null;
    for (int length = 1 << 16; length > 0; length >>= 2) {
      try {
        while (true) {
          Object[] block = new Object[length];
          block[0] = blocks;
          blocks = block;
        }
      } catch (OutOfMemoryError e) {
        // Smaller blocks still fit.
      }
    }
    return blocks;
  }
}
