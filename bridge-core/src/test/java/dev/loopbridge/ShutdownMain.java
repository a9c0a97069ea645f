package dev.loopbridge;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * What the child JVMs of {@link ShutdownTest} run: each has a shutdown hook that uses a runtime.
 */
public final class ShutdownMain {

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final int STEPS = 20;
  private static final long BETWEEN_STEPS_NANOS = 10_000_000;

  private ShutdownMain() {}

  /** Keeps its handlers when the JVM shuts down, as those of application servers do. */
  public static final class KeptLogs extends LogManager {
    @Override
    public void reset() {}
  }

  private interface Hook {
    void run() throws Exception;
  }

  /** Runs the scenario named by the first argument until the JVM gets SIGTERM. */
  public static void main(String[] arguments) throws Exception {
    // the root logger makes its handlers when they are first read
    check(Logger.getLogger("").getHandlers().length > 0);
    NativeRuntime.Builder builder = NativeRuntime.builder(Builtin.library()).workerThreads(2);
    switch (arguments[0]) {
      case "owner" -> owner(builder.closedByOwner(LONG).build());
      case "grace" -> grace(builder.shutdownGrace(Duration.ofSeconds(5)).build());
      case "closed" -> {
        builder.closedByOwner(LONG).build().close();
        builder.shutdownGrace(LONG).build().close();
      }
      case "closed-in-hook" -> {
        NativeRuntime runtime = builder.shutdownGrace(LONG).build();
        onShutdown(runtime::close);
      }
      case "neighbours" -> neighbours(builder.build(), builder.closedByOwner(LONG).build());
      case "busy" -> busy(builder.closedByOwner(LONG).build());
      case "forgotten" -> forgotten(builder.closedByOwner(SHORT).build());
      case "late" -> late(builder.closedByOwner(SHORT).build());
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    print("ready");
    new CompletableFuture<Void>().get();
  }

  /** A call in flight at the signal settles, others start later, also with handlers. */
  private static void owner(NativeRuntime runtime) {
    CompletableFuture<Void> inFlight = sleep(runtime, 700);
    onShutdown(
        () -> {
          inFlight.get(30, TimeUnit.SECONDS);
          request(runtime);
          CompletableFuture<Void> last = sleep(runtime, 200);
          Builtin.eventually().until(() -> runtime.metrics().liveTasks() == 1);
          CloseReport report = runtime.close(Duration.ofSeconds(30));
          check(report.cancelled() == 0 && last.isDone());
          last.get();
        });
  }

  /** The user does not close the runtime, and its request takes less than the grace. */
  private static void grace(NativeRuntime runtime) {
    onShutdown(() -> request(runtime));
  }

  /** One request makes many calls, with moments between them in which none is open. */
  private static void request(NativeRuntime runtime) throws Exception {
    NativeFunction<Long> ask = runtime.function("ask", Long.class, long.class, JavaHandler.class);
    NativeFunction<Long> yielding = runtime.function("yieldTimes", Long.class, long.class);
    JavaHandler<Long, Long> twice = JavaHandler.of(Long.class, Long.class, number -> 2 * number);
    for (long step = 1; step <= STEPS; step++) {
      check(yielding.call(step).toFuture().get(30, TimeUnit.SECONDS) == step);
      long asked = ask.call(step, twice).toFuture().get(30, TimeUnit.SECONDS);
      check(asked == 2 * step);
      LockSupport.parkNanos(BETWEEN_STEPS_NANOS);
    }
  }

  /** The end of one runtime is not that of another of the same library. */
  private static void neighbours(NativeRuntime unowned, NativeRuntime owned) {
    CompletableFuture<Void> never = never(unowned);
    onShutdown(
        () -> {
          checkEnded(never);
          request(owned);
          owned.close();
        });
  }

  /** Rust goes on computing when its runtime is closed. */
  private static void busy(NativeRuntime runtime) {
    CompletableFuture<Void> burning =
        runtime.function("burnBlocking", Void.class, long.class).call(60_000_000L).toFuture();
    NativeCall<Long> burns = runtime.function("burning", Long.class).call();
    Builtin.eventually().until(() -> burns.await() == 1);
    onShutdown(
        () -> {
          check(runtime.close(Duration.ZERO).stillRunning() == 1);
          checkEnded(burning);
        });
  }

  /** The user never closes the runtime, and waits for a call that never ends. */
  private static void forgotten(NativeRuntime runtime) {
    CompletableFuture<Void> never = never(runtime);
    onShutdown(() -> checkEnded(never));
  }

  /** The user gives calls more time in the close than the grace allows. */
  private static void late(NativeRuntime runtime) {
    CompletableFuture<Void> never = never(runtime);
    onShutdown(
        () -> {
          runtime.close(LONG);
          checkEnded(never);
        });
  }

  private static CompletableFuture<Void> sleep(NativeRuntime runtime, long millis) {
    return runtime.function("sleep", Void.class, long.class).call(millis).toFuture();
  }

  private static CompletableFuture<Void> never(NativeRuntime runtime) {
    return runtime.function("never", Void.class).call().toFuture();
  }

  private static void checkEnded(CompletableFuture<Void> call) throws Exception {
    try {
      call.get(30, TimeUnit.SECONDS);
      check(false);
    } catch (ExecutionException e) {
      check(e.getCause() instanceof RuntimeClosedException);
    }
  }

  private static void onShutdown(Hook hook) {
    Thread thread =
        new Thread(
            () -> {
              try {
                hook.run();
                print("as it should");
              } catch (Throwable e) {
                e.printStackTrace(System.out);
                Runtime.getRuntime().halt(1); // otherwise the JVM would wait for the user's hook
              }
            });
    Runtime.getRuntime().addShutdownHook(thread);
  }

  private static void print(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static void check(boolean holds) {
    if (!holds) {
      throw new AssertionError();
    }
  }
}
