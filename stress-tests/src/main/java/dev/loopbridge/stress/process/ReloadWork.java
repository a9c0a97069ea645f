package dev.loopbridge.stress.process;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** The work that each class loader of {@link ReloadMain} does with its own copy of the bridge. */
public final class ReloadWork {

  private ReloadWork() {}

  /**
   * Uses one runtime from open to close.
   *
   * @param outlived whether a thread of Rust's runs on after the close
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
        long answer = Fn.ASK_NESTED.call(runtime, 21L, twice).await();
        if (answer != 42) {
          return "answer " + answer;
        }
        String failed = failure(Fn.ASK.call(runtime, 1L, fails), OwnException.class);
        failed += failure(Fn.FAIL.call(runtime, "x", 1), NativeException.class);
        failed += failure(Fn.PANIC.call(runtime, "x"), NativePanicError.class);
        if (!failed.isEmpty()) {
          return failed;
        }
      }
      if (outlived) {
        Fn.BURN_BLOCKING.call(runtime, 1_500_000L).toFuture();
        while (Fn.BURNING.call(runtime).await() == 0) {
          Thread.onSpinWait();
        }
        runtime.close(Duration.ZERO);
      }
    }
    return "";
  }

  private static String failure(NativeCall<?> call, Class<?> expected) throws Exception {
    try {
      call.toFuture().get(30, TimeUnit.SECONDS);
      return call + " did not fail";
    } catch (ExecutionException e) {
      return expected.isInstance(e.getCause()) ? "" : call + ": " + e.getCause();
    }
  }

  /** A class that only one class loader has. */
  private static final class OwnException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
