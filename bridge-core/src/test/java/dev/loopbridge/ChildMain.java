package dev.loopbridge;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

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
        add.as(Stages.stage()).thenAccept(sum -> System.exit(4));
        new CompletableFuture<Void>().get();
      }
      case "isolated" -> isolated();
      case "work" -> work();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Ten thousand calls in flight: some never end, some end all the time. Says so when they are. */
  private static NativeRuntime inFlight() throws Exception {
    NativeRuntime runtime =
        NativeRuntime.builder(Builtin.library())
            .workerThreads(2)
            .maxInFlight(IN_FLIGHT + 1)
            .build();
    NativeCall<Void> never = runtime.function("never", Void.class).call();
    NativeCall<Void> sleep = runtime.function("sleep", Void.class, long.class).call(1L);
    for (int i = 0; i < IN_FLIGHT - 100; i++) {
      never.as(Stages.stage());
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
        .as(Stages.stage())
        .whenComplete(
            (nothing, error) -> {
              if (error == null) {
                again(sleep);
              }
            });
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
   * The bridge in two child-first class loaders at once, with a context class loader that knows
   * nothing of it.
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
}
