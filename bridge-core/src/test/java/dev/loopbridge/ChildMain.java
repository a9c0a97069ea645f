package dev.loopbridge;

import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/** What the child JVMs of {@link ChildJvmTest} run. */
public final class ChildMain {

  private static final int IN_FLIGHT = 10_000;

  private ChildMain() {}

  /** Runs the scenario named by the first argument. */
  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "return" -> inFlight();
      case "exit" -> {
        inFlight();
        System.exit(3);
      }
      case "uncaught" -> {
        inFlight();
        throw new IllegalStateException("as planned");
      }
      case "sigterm" -> {
        inFlight();
        new CompletableFuture<Void>().get();
      }
      case "exit-in-callback" -> {
        NativeRuntime runtime = inFlight();
        NativeCall<Long> add =
            runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
        add.toFuture().thenAccept(sum -> System.exit(4));
        new CompletableFuture<Void>().get();
      }
      case "isolated" -> isolated();
      case "out-of-memory" -> outOfMemory();
      case "hook" -> {
        Runtime.getRuntime().addShutdownHook(new Thread(hookThatCalls(inFlight())));
        System.exit(5);
      }
      case "full-queue" -> fullQueue();
      case "work" -> work();
      case "stacks" -> stacks();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /**
   * Keeps ten thousand calls in flight, of which some never end and some end all the time; prints a
   * line once they are.
   */
  private static NativeRuntime inFlight() throws Exception {
    NativeRuntime runtime =
        NativeRuntime.builder(Builtin.library())
            .workerThreads(2)
            .maxInFlight(IN_FLIGHT + 1)
            .build();
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    NativeCall<Void> sleep = runtime.function("sleep", Void.class, long.class).call(1L);
    for (int i = 0; i < IN_FLIGHT - 100; i++) {
      never.toFuture();
    }
    for (int i = 0; i < 100; i++) {
      again(sleep);
    }
    while (runtime.metrics().liveTasks() < IN_FLIGHT - 100) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    System.out.println("leaving");
    System.out.flush();
    return runtime;
  }

  private static void again(NativeCall<Void> sleep) {
    sleep
        .toFuture()
        .whenComplete(
            (nothing, error) -> {
              if (error == null) {
                again(sleep);
              }
            });
  }

  /** Results for which the heap has no room: their calls fail, other calls do not. */
  private static void outOfMemory() throws Exception {
    int size = 200 << 20;
    try (NativeRuntime runtime =
        NativeRuntime.builder(Builtin.library()).maxPayloadBytes(size).build()) {
      try {
        runtime.function("makeBytes", byte[].class, long.class).call((long) size).await();
        check(false);
      } catch (OutOfMemoryError e) {
        System.out.println("no room");
      }
      check(runtime.function("yieldTimes", Long.class, long.class).call(3L).await() == 3);
      check(runtime.metrics().livePayloads() == 0);
    }
  }

  /** Goes on with calls while the JVM shuts down; each call has to settle. */
  private static Runnable hookThatCalls(NativeRuntime runtime) {
    NativeCall<Long> yielding = runtime.function("yieldTimes", Long.class, long.class).call(3L);
    return () -> {
      int refused = 0;
      while (refused < 2_000) {
        try {
          yielding.toFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          refused++;
          while (runtime.metrics().liveTasks() > IN_FLIGHT - 100) {
            Thread.onSpinWait(); // a worker may end a call but cannot wake the loop any more
          }
        } catch (InterruptedException | TimeoutException e) {
          System.out.println("unsettled after " + refused);
          return;
        }
      }
      System.out.println("all settled");
    };
  }

  /** Leaves a loop of a daemon thread behind that takes no tasks. */
  private static void fullQueue() throws Exception {
    DefaultEventExecutor executor =
        new DefaultEventExecutor(
            null, new DefaultThreadFactory("full", true), 16, RejectedExecutionHandlers.reject());
    NativeRuntime runtime = Builtin.runtime();
    CountDownLatch blocked = new CountDownLatch(1);
    executor.execute(
        () -> {
          blocked.countDown();
          LockSupport.park(executor);
        });
    blocked.await();
    try {
      while (true) {
        executor.execute(() -> {});
      }
    } catch (RejectedExecutionException e) {
      runtime.function("noop", Void.class).call().toFuture(NettyLoop.of(executor));
    }
    System.out.println("leaving");
    System.out.flush();
  }

  /**
   * One runtime from open to close; public, so that another class loader's copy can be called by
   * reflection.
   */
  public static void work() throws Exception {
    try (NativeRuntime runtime = Builtin.runtime()) {
      NativeCall<Long> yielding = runtime.function("yieldTimes", Long.class, long.class).call(3L);
      for (int i = 0; i < 1_000; i++) {
        check(yielding.await() == 3);
      }
      try {
        runtime.function("fail", Void.class, String.class, int.class).call("x", 1).await();
        check(false);
      } catch (NativeException e) {
        check(e.getMessage().equals("x"));
      }
    }
    System.out.println("worked in " + ChildMain.class.getClassLoader().getClass().getName());
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError();
    }
  }

  /**
   * The bridge in two child-first class loaders at once; the context class loader does not have its
   * classes.
   */
  private static void isolated() throws Exception {
    String[] entries =
        System.getProperty("java.class.path").split(System.getProperty("path.separator"));
    URL[] urls = new URL[entries.length];
    for (int i = 0; i < entries.length; i++) {
      urls[i] = Path.of(entries[i]).toUri().toURL();
      check(Files.exists(Path.of(entries[i])));
    }
    Thread.currentThread().setContextClassLoader(null);
    for (int i = 0; i < 2; i++) {
      ClassLoader loader =
          new URLClassLoader("isolated " + i, urls, ClassLoader.getPlatformClassLoader());
      Class<?> main = loader.loadClass(ChildMain.class.getName());
      check(main != ChildMain.class);
      main.getMethod("work").invoke(null);
    }
    work();
    check(Arrays.stream(entries).count() > 1);
  }

  /**
   * Follows a chain of calls that nest, on threads with stacks of many sizes: each ends with its
   * value or for want of stack. Prints the size from which on all end with the value.
   */
  private static void stacks() throws Exception {
    NativeRuntime runtime = NativeRuntime.builder(Builtin.library()).build();
    NativeFunction<Long> ask =
        runtime.function("localAsk", Long.class, long.class, JavaHandler.class);
    int enough = 0;
    for (int kib = 144; kib <= 256; kib += 4) {
      long bytes = (long) kib << 10;
      DefaultEventExecutor executor =
          new DefaultEventExecutor(
              (ThreadFactory) task -> new Thread(null, task, "small stack", bytes));
      NettyLoop loop = NettyLoop.of(executor);
      JavaHandler<?, ?>[] own = new JavaHandler<?, ?>[1];
      own[0] =
          JavaHandler.stage(
                  Long.class,
                  Long.class,
                  number ->
                      number == 0
                          ? CompletableFuture.completedFuture(0L)
                          : ask.call(number - 1, own[0]).toFuture(loop))
              .atOnce(1);
      try {
        ask.call(200L, own[0]).toFuture(loop).get(30, TimeUnit.SECONDS);
        enough = enough == 0 ? kib : enough;
      } catch (ExecutionException e) {
        enough = 0;
      }
      executor.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    }
    Builtin.closeAndAwaitNothingLeft(runtime);
    System.out.println("\nenough KiB: " + enough);
  }
}
