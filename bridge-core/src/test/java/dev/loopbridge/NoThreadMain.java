package dev.loopbridge;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * What the child JVMs of {@link NoThreadTest} run: a thread's stack is larger than the address
 * space that is left.
 */
public final class NoThreadMain {

  private static final long SLACK = 512L << 20;
  private static final long STACK = 1L << 30;

  private NoThreadMain() {}

  /** Runs the scenario named by the first argument. */
  public static void main(String[] arguments) throws Exception {
    Builtin.library();
    switch (arguments[0]) {
      case "blocking" -> blocking();
      case "workers" -> workers();
      case "default-loop" -> defaultLoop();
      case "close" -> close();
      case "loop-end" -> loopEnd();
      case "late-loop" -> lateLoop();
      case "hook" -> hook();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Leaves address space for a number of further stacks. */
  private static void leave(long threads) throws Exception {
    String status = Files.readString(Path.of("/proc/self/status"));
    String size = status.lines().filter(line -> line.startsWith("VmSize:")).findAny().orElseThrow();
    long kib = Long.parseLong(size.replaceAll("\\D", ""));
    limit(String.valueOf(kib * 1024 + SLACK + threads * STACK));
    // The stack of a thread that has ended may be kept for another: threads that stay take those
    // stacks.
    for (int i = 0; threads == 0; i++) {
      check(i < 16, "there is a thread left");
      Thread stays = new Thread(LockSupport::park);
      stays.setDaemon(true);
      try {
        stays.start();
      } catch (OutOfMemoryError e) {
        return;
      }
    }
  }

  private static void lift() throws Exception {
    limit("unlimited");
  }

  /** Sets the soft limit of this process on its address space. */
  private static void limit(String bytes) throws Exception {
    String pid = String.valueOf(ProcessHandle.current().pid());
    Process set =
        new ProcessBuilder("prlimit", "--pid", pid, "--as=" + bytes + ":").inheritIO().start();
    check(set.waitFor() == 0, "prlimit");
  }

  private static void check(boolean holds, Object otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  /** The number of the process's threads with such names; the kernel cuts names. */
  private static long threads(String name) {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.filter(task -> nameOf(task).startsWith(name)).count();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String nameOf(Path task) {
    try {
      return Files.readString(task.resolve("comm"));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  /** Runs tasks on the calling thread, since the process can start no other. */
  private static void until(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      check(System.nanoTime() - start < Builtin.PATIENCE.toNanos(), "waited in vain");
      Thread.onSpinWait();
    }
  }

  private static NativeRuntime.Builder builder(String name) {
    return NativeRuntime.builder(Builtin.library()).workerThreads(4).threadName(name);
  }

  private static SystemLimitException refused(NativeCall<?> call) throws Exception {
    try {
      call.toFuture().get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      throw new AssertionError("it ran");
    } catch (ExecutionException e) {
      return (SystemLimitException) e.getCause();
    }
  }

  private static void blocking() throws Exception {
    NativeRuntime runtime = builder("blocked").build();
    NativeCall<Void> burn = runtime.function("burnBlocking", Void.class, long.class).call(0L);
    NativeFunction<Void> ask = runtime.function("askNothing", Void.class, JavaHandler.class);
    leave(0);
    for (int i = 0; i < 20; i++) {
      String message = refused(burn).getMessage();
      check(message.startsWith("burnBlocking was not run: the system has no thread"), message);
    }
    // The call was accepted, so its failure is thrown where it is awaited.
    try {
      ask.call(JavaHandler.call(Void.class, Void.class, nothing -> burn)).await();
      throw new AssertionError("it ran");
    } catch (NativeException e) {
      check(e.getMessage().startsWith(SystemLimitException.class.getName() + ": "), e);
    }
    // A call that needs no new thread still works.
    check(runtime.function("add", Long.class, long.class, long.class).call(1L, 2L).await() == 3, 0);
    until(() -> runtime.metrics().liveCalls() == 0);
    lift();
    Builtin.awaitNothingLeft(runtime);
    burn.await();
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  private static void workers() throws Exception {
    for (int possible = 0; possible < 3; possible++) {
      leave(possible);
      try {
        builder("hopeless").build();
        throw new AssertionError("it was built");
      } catch (SystemLimitException e) {
        check(e.getMessage().contains("NativeRuntime.Builder.workerThreads"), e);
      }
      lift();
      until(() -> threads("hopeless") == 0);
    }
    builder("hopeful").build().close();
  }

  private static void defaultLoop() throws Exception {
    leave(0);
    try {
      builder("hopeless").build();
      throw new AssertionError("it was built");
    } catch (SystemLimitException e) {
      check(e.getMessage().contains("default loop"), e);
    }
    until(() -> threads("hopeless") == 0);
    lift();
    NativeRuntime runtime = builder("hopeful").build();
    leave(0);
    check(runtime.function("add", Long.class, long.class, long.class).call(1L, 2L).await() == 3, 0);
    lift();
    runtime.close();
  }

  private static void close() throws Exception {
    NativeRuntime runtime = builder("closed").build();
    NativeRuntime later = builder("later").build();
    leave(0);
    CloseReport report = runtime.close(Duration.ZERO);
    check(report.unresponsiveLoops().isEmpty(), report);
    until(() -> threads("closed") == 0);
    var closing = later.closeAsync(Duration.ZERO).toCompletableFuture();
    lift();
    closing.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    until(() -> threads("later") == 0);
  }

  /**
   * A loop ends while neither Netty nor Rust's loop-driven futures have a thread to report it with.
   */
  private static void loopEnd() throws Exception {
    NativeRuntime runtime = builder("left").build();
    DefaultEventExecutor executor =
        new DefaultEventExecutor(new DefaultThreadFactory("user", true));
    NettyLoop loop = NettyLoop.of(executor);
    CompletableFuture<Void> held = Builtin.hold(runtime);
    NativeCall<Boolean> waits =
        runtime.function("tryHold", Boolean.class, long.class).call(60_000L);
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (NativeCall<?> call :
        List.of(
            runtime.function("localNever", Void.class).call(),
            runtime.function("never", Void.class).call(),
            waits)) {
      calls.add(call.toFuture(loop));
    }
    until(() -> runtime.metrics().liveLocalFutures() == 1 && runtime.metrics().liveTasks() == 3);
    leave(0);
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    until(executor::isTerminated);
    lift();
    held.cancel(true); // so that an outcome comes to the loop
    for (CompletableFuture<?> call : calls) {
      try {
        call.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        throw new AssertionError("it settled");
      } catch (ExecutionException e) {
        check(e.getCause() instanceof OwnerGoneException, e);
      }
    }
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  /** A user's loop whose thread can start only later. */
  private static void lateLoop() throws Exception {
    NativeRuntime runtime = builder("late").build();
    DefaultEventExecutor executor =
        new DefaultEventExecutor(new DefaultThreadFactory("user", true));
    NativeCall<Long> add = runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
    leave(0);
    CompletableFuture<Long> sum = add.toFuture(NettyLoop.of(executor));
    lift();
    check(sum.get(Builtin.PATIENCE.toSeconds(), TimeUnit.SECONDS) == 3, sum);
    executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    Builtin.closeAndAwaitNothingLeft(runtime);
  }

  /** Opens a runtime when no thread can start any more. */
  private static void hook() {
    Runnable open =
        () -> {
          try {
            builder("late").build();
            System.out.println("it was built");
          } catch (RuntimeClosedException e) {
            until(() -> threads("late") == 0);
            System.out.println("refused: " + e.getMessage());
          }
        };
    Runtime.getRuntime().addShutdownHook(new Thread(open));
    Executors.newSingleThreadExecutor().execute(() -> System.exit(0));
  }
}
