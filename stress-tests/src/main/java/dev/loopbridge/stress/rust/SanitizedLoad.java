package dev.loopbridge.stress.rust;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The main class of a JVM that a sanitizer watches: loads a library, and if it is the built-in one
 * makes calls of all kinds, some cancelled, on several runtimes, each of which is closed.
 */
final class SanitizedLoad {

  private static final int RUNTIMES = 5;
  private static final int IN_FLIGHT = 200;

  private SanitizedLoad() {}

  /** Takes the path of the library and how many calls to make; 0 loads the library only. */
  public static void main(String... arguments) throws Exception {
    int calls = Integer.parseInt(arguments[1]);
    if (calls == 0) {
      System.load(arguments[0]);
    } else {
      System.setProperty("loopbridge.library.loopbridge_builtin", arguments[0]);
      NativeLibrary library = NativeLibrary.load("loopbridge_builtin");
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < RUNTIMES; i++) {
        load(library, random, calls / RUNTIMES);
      }
      System.out.println("made " + calls + " calls");
    }
    System.exit(0);
  }

  private static void load(NativeLibrary library, SplittableRandom random, int calls)
      throws Exception {
    try (NativeRuntime runtime = NativeRuntime.builder(library).workerThreads(2).build()) {
      Kinds kinds = new Kinds(runtime);
      Deque<CompletableFuture<?>> pending = new ArrayDeque<>();
      for (int i = 0; i < calls; i++) {
        CompletableFuture<?> call = kinds.start(random);
        if (random.nextInt(4) == 0) {
          call.cancel(true);
        }
        pending.add(call);
        if (pending.size() == IN_FLIGHT) {
          await(pending.remove());
        }
      }
      // The last ones meet the runtime's end.
      while (pending.size() > IN_FLIGHT / 4) {
        await(pending.remove());
      }
    }
  }

  private static void await(CompletableFuture<?> call) throws Exception {
    try {
      call.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException | CancellationException e) {
      // Some calls fail, panic or are cancelled, as they should.
    }
  }

  /** Calls of all kinds. */
  private static final class Kinds {

    private final NativeRuntime runtime;
    private final JavaHandler<Long, Long> twice =
        JavaHandler.of(Long.class, Long.class, n -> 2 * n);

    Kinds(NativeRuntime runtime) {
      this.runtime = runtime;
    }

    CompletableFuture<?> start(SplittableRandom random) {
      return switch (random.nextInt(14)) {
        case 0 -> bytes("echo", random);
        case 1 -> bytes("localEcho", random);
        case 2 -> number("sumBytes", filled(random));
        case 3 -> started(Fn.SLEEP.call(runtime, 1L));
        case 4 -> never();
        case 5 -> started(Fn.PANIC.call(runtime, "as planned"));
        case 6 -> started(Fn.FAIL.call(runtime, "as planned", random.nextInt(4)));
        case 7 -> ask("ask", random);
        case 8 -> ask("localAsk", random);
        case 9 -> ask("askNested", random);
        case 10 -> started(Fn.LOCAL_YIELD_TIMES.call(runtime, 3L));
        case 11 -> started(Fn.PANIC_AFTER_YIELD.call(runtime, "as planned"));
        case 12 -> started(Fn.BURN_HEAVY.call(runtime, 1L));
        default -> started(Fn.MAKE_BYTES.call(runtime, (long) random.nextInt(5_000)));
      };
    }

    private CompletableFuture<?> bytes(String function, SplittableRandom random) {
      return started(runtime.function(function, byte[].class, byte[].class).call(filled(random)));
    }

    private CompletableFuture<?> number(String function, byte[] bytes) {
      return started(runtime.function(function, Long.class, byte[].class).call(bytes));
    }

    private CompletableFuture<?> ask(String function, SplittableRandom random) {
      return started(
          runtime
              .function(function, Long.class, long.class, JavaHandler.class)
              .call((long) random.nextInt(100), twice));
    }

    private CompletableFuture<?> never() {
      CompletableFuture<?> call = started(Fn.NEVER.call(runtime));
      call.cancel(true);
      return call;
    }

    private static byte[] filled(SplittableRandom random) {
      byte[] bytes = new byte[random.nextInt(3_000) >> random.nextInt(8)];
      Arrays.fill(bytes, (byte) 3);
      return bytes;
    }

    private static <R> CompletableFuture<R> started(NativeCall<R> call) {
      return call.toFuture();
    }
  }
}
