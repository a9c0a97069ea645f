package dev.loopbridge.stress.process;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.NativeRuntime;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** What each class loader of {@link ReloadMain} does with its own copy of the bridge. */
public final class ReloadWork {

  private ReloadWork() {}

  /**
   * One runtime from open to close.
   *
   * @param outlived whether a thread of Rust's goes on after the close
   * @return what went wrong; empty if nothing did
   */
  public static String work(boolean outlived) throws Exception {
    try (NativeRuntime runtime =
        NativeRuntime.builder(
                NativeLibrary.load("loopbridge_builtin", ReloadWork.class.getClassLoader()))
            .workerThreads(2)
            .threadName("reload")
            .build()) {
      JavaHandler<Long, Long> twice = JavaHandler.of(Long.class, Long.class, given -> 2 * given);
      JavaHandler<Long, Long> fails =
          JavaHandler.of(
              Long.class,
              Long.class,
              given -> {
                throw new OwnException();
              });
      for (int i = 0; i < 20; i++) {
        long answer =
            runtime
                .function("askNested", Long.class, long.class, JavaHandler.class)
                .call(21L, twice)
                .await();
        if (answer != 42) {
          return "answer " + answer;
        }
        String failed = failure(runtime, "ask", new Object[] {1L, fails}, OwnException.class, true);
        failed += failure(runtime, "fail", new Object[] {"x", 1}, NativeException.class, false);
        failed += failure(runtime, "panic", new Object[] {"x"}, NativePanicError.class, false);
        if (!failed.isEmpty()) {
          return failed;
        }
      }
      if (outlived) {
        runtime.function("burnBlocking", Void.class, long.class).call(1_500_000L).toFuture();
        while (runtime.function("burning", Long.class).call().await() == 0) {
          Thread.onSpinWait();
        }
        runtime.close(Duration.ZERO);
      }
    }
    return "";
  }

  private static String failure(
      NativeRuntime runtime, String name, Object[] given, Class<?> expected, boolean asks)
      throws Exception {
    var function =
        asks
            ? runtime.function(name, Long.class, long.class, JavaHandler.class)
            : given.length == 2
                ? runtime.function(name, Void.class, String.class, int.class)
                : runtime.function(name, Void.class, String.class);
    try {
      function.call(given).toFuture().get(30, TimeUnit.SECONDS);
      return name + " did not fail";
    } catch (ExecutionException e) {
      return expected.isInstance(e.getCause()) ? "" : name + ": " + e.getCause();
    }
  }

  /** Known to one class loader alone. */
  private static final class OwnException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
