package dev.loopbridge.stress.rust;

import dev.loopbridge.NativeLibrary;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Known;
import dev.loopbridge.kit.Work;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The main class of a JVM that a sanitizer watches. It loads a library; with the built-in one it
 * makes calls of all kinds, some of which it cancels, on several runtimes, and closes each runtime.
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
      Deque<CompletableFuture<?>> pending = new ArrayDeque<>();
      for (int i = 0; i < calls; i++) {
        Known<?> known = Work.any(random).make(runtime, runtime.currentLoop(), random);
        CompletableFuture<?> call = known.toFuture(runtime.currentLoop());
        if (known.cancels() || random.nextInt(4) == 0) {
          call.cancel(true);
        }
        pending.add(call);
        if (pending.size() == IN_FLIGHT) {
          await(pending.remove());
        }
      }
      // The last calls meet the runtime's end.
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
}
