package dev.loopbridge.stress.hygiene;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.LoopRef;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeException;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativePanicError;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.OwnerLoop;
import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.TooManyInFlightException;
import dev.loopbridge.kit.Fn;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Calls of every kind, as a seed has it: a quarter of them cancelled, one in twenty panics, one in
 * twenty is refused. Knows of each what must come of it.
 */
final class Mix {

  private static final int WINDOW = 64;
  private static final int MOST_BYTES = 40_000;
  private static final int FULL = 2;
  private static final int HUNDRED = 100;
  private static final int CANCELLED = 25;
  private static final int PANICS = CANCELLED + 5;
  private static final int REFUSED = PANICS + 5;
  private static final int PLAIN_KINDS = 16;
  private static final long PATIENCE_SECONDS = 60;

  private final NativeRuntime runtime;

  /** Has no room for a call. */
  private final NativeRuntime full;

  private final OwnerLoop loop;
  private final SplittableRandom random;
  private final Tally tally;
  private final Semaphore window = new Semaphore(WINDOW);
  private final byte[] bytes = new byte[MOST_BYTES];

  private final NativeFunction<Long> add;
  private final NativeFunction<String> echoString;
  private final NativeFunction<byte[]> echo;
  private final NativeFunction<ByteBuf> makeBytes;
  private final NativeFunction<Long> sumBytes;
  private final NativeFunction<Long> ask;
  private final NativeFunction<Long> askNested;
  private final NativeFunction<Long> askInTurn;
  private final NativeFunction<Long> localAsk;
  private final NativeFunction<Long> localAdd;
  private final NativeFunction<Long> localYields;
  private final NativeFunction<Long> yields;
  private final NativeFunction<Void> blocking;
  private final NativeFunction<Void> sleep;
  private final NativeFunction<NativeRef> counter;

  @SuppressWarnings("rawtypes") // a class literal has no type arguments
  private final NativeFunction<LoopRef> giveBack;

  private final NativeFunction<Void> fail;
  private final NativeCall<?>[] endless;
  private final NativeCall<?>[] panics;
  private final NativeCall<Long> refused;
  private final JavaHandler<Long, Long> twice =
      JavaHandler.of(Long.class, Long.class, given -> 2 * given);

  Mix(NativeRuntime runtime, NativeRuntime full, OwnerLoop loop, long seed, Tally tally) {
    this.runtime = runtime;
    this.full = full;
    this.loop = loop;
    this.random = new SplittableRandom(seed);
    this.tally = tally;
    Arrays.fill(bytes, (byte) 1);
    Class<Long> number = Long.class;
    add = Fn.ADD.in(runtime);
    echoString = Fn.ECHO_STRING.in(runtime);
    echo = Fn.ECHO.in(runtime);
    makeBytes = Fn.MAKE_BUFFER.in(runtime);
    sumBytes = Fn.SUM_BYTES.in(runtime);
    ask = Fn.ASK.in(runtime);
    askNested = Fn.ASK_NESTED.in(runtime);
    askInTurn = Fn.ASK_IN_TURN.in(runtime);
    localAsk = Fn.LOCAL_ASK.in(runtime);
    localAdd = Fn.LOCAL_ADD.in(runtime);
    localYields = Fn.LOCAL_YIELD_TIMES.in(runtime);
    yields = Fn.YIELD_TIMES.in(runtime);
    blocking = Fn.BURN_BLOCKING.in(runtime);
    sleep = Fn.SLEEP.in(runtime);
    counter = Fn.COUNTER.in(runtime);
    giveBack = Fn.GIVE_BACK.in(runtime);
    fail = Fn.FAIL.in(runtime);
    JavaHandler<Long, Long> silent =
        JavaHandler.stage(number, number, given -> new CompletableFuture<>());
    endless =
        new NativeCall<?>[] {
          Fn.NEVER.call(runtime),
          sleep.call(100_000L),
          Fn.LOCAL_NEVER.call(runtime),
          Fn.LOCAL_SLEEP.call(runtime, 100_000L),
          ask.call(1L, silent),
          localAsk.call(1L, silent)
        };
    panics =
        new NativeCall<?>[] {
          panic("panic"),
          panic("panicAfterYield"),
          panic("panicInDrop"),
          panic("localPanic"),
          panic("localPanicAfterYield")
        };
    refused = Fn.ADD.call(full, 1L, 2L);
    NativeCall<Void> never = Fn.NEVER.call(full);
    for (int i = 0; i < FULL; i++) {
      never.toFuture(loop);
    }
  }

  /** A runtime whose room this fills. */
  static NativeRuntime.Builder full(NativeRuntime.Builder builder) {
    return builder.workerThreads(1).maxInFlight(FULL);
  }

  private NativeCall<Void> panic(String name) {
    return runtime.function(name, Void.class, String.class).call("planned");
  }

  /** Starts so many calls, a bounded number at once. */
  void run(long calls) throws InterruptedException {
    for (long i = 0; i < calls; i++) {
      if (!window.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a call does not settle: " + runtime.metrics());
      }
      start();
    }
  }

  /** Waits until all of them have settled. */
  void await() throws InterruptedException {
    if (!window.tryAcquire(WINDOW, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(
          WINDOW - window.availablePermits() + " calls do not settle: " + runtime.metrics());
    }
    window.release(WINDOW);
  }

  private void start() {
    int kind = random.nextInt(HUNDRED);
    if (kind < CANCELLED) {
      cancel(endless[random.nextInt(endless.length)]);
    } else if (kind < PANICS) {
      fails("panicked", panics[random.nextInt(panics.length)], NativePanicError.class);
    } else if (kind < REFUSED) {
      fails("refused", refused, TooManyInFlightException.class);
    } else {
      plain(random.nextInt(PLAIN_KINDS));
    }
  }

  private void cancel(NativeCall<?> call) {
    CompletableFuture<?> stage = call.toFuture(loop);
    settles("cancelled", stage, (value, error) -> error instanceof CancellationException);
    switch (random.nextInt(3)) {
      case 0 -> stage.cancel(false);
      case 1 -> loop.execute(() -> stage.cancel(false));
      default -> add.call(1L, 2L).toFuture(loop).thenRun(() -> stage.cancel(false));
    }
  }

  private void fails(String kind, NativeCall<?> call, Class<? extends Throwable> expected) {
    settles(kind, call.toFuture(loop), (value, error) -> expected.isInstance(error));
  }

  private <R> void gives(String kind, NativeCall<R> call, Predicate<R> right) {
    settles(kind, call.toFuture(loop), (value, error) -> error == null && right.test(value));
  }

  private <R> void settles(
      String kind, CompletableFuture<R> stage, BiPredicate<R, Throwable> right) {
    stage.whenComplete(
        (value, error) -> {
          boolean holds = false;
          try {
            holds = right.test(value, error);
          } finally {
            tally.count(kind, holds, error == null ? value : error);
            window.release();
          }
        });
  }

  private void plain(int kind) {
    long number = random.nextInt(1_000);
    int size = random.nextInt(8) == 0 ? random.nextInt(MOST_BYTES) : random.nextInt(200);
    switch (kind) {
      case 0 -> gives("payload", echo.call(slice(size)), back -> back.length == size);
      case 1 ->
          gives(
              "payload",
              makeBytes.call((long) size),
              buffer -> {
                int readable = buffer.readableBytes();
                buffer.release();
                return readable == size;
              });
      case 2 -> {
        ByteBuf lent = Unpooled.directBuffer(size).writeBytes(bytes, 0, size);
        gives("payload", sumBytes.call(lent), sum -> sum == size);
        lent.release();
      }
      case 3 -> {
        String text = "\u00e4\ud83e\udd80".repeat(1 + size / 8);
        gives("payload", echoString.call(text), text::equals);
      }
      case 4 -> gives("asked", ask.call(number, twice), answer -> answer == 2 * number);
      case 5 -> gives("asked", askNested.call(number, twice), answer -> answer == 2 * number);
      case 6 -> gives("asked", askInTurn.call(5L, twice), answer -> answer == 20);
      case 7 -> gives("asked", localAsk.call(number, twice), answer -> answer == 2 * number);
      case 8 -> gives("loop-driven", localAdd.call(number, 1L), sum -> sum == number + 1);
      case 9 -> gives("loop-driven", localYields.call(3L), times -> times == 3);
      case 10 -> gives("plain", yields.call(3L), times -> times == 3);
      case 11 -> gives("plain", blocking.call(2L), nothing -> true);
      case 12 -> gives("plain", sleep.call(1L), nothing -> true);
      case 13 -> {
        boolean closes = random.nextInt(4) == 0;
        gives(
            closes ? Tally.CLOSED : Tally.LEFT,
            counter.call(number),
            object -> {
              if (closes) {
                object.close();
              }
              return object.loop().equals(loop);
            });
      }
      case 14 -> {
        Object object = new Object();
        // On whichever thread this goes on, the object is looked at on its loop.
        CompletableFuture<Boolean> same =
            giveBack
                .call(LoopRef.of(loop, object))
                .toFuture(loop)
                .thenCompose(back -> ((LoopRef<?>) back).call(given -> given == object));
        settles("pinned", same, (is, error) -> error == null && is);
      }
      default -> fails("failed", fail.call("planned", 2), NativeException.class);
    }
  }

  private byte[] slice(int size) {
    return Arrays.copyOf(bytes, size);
  }

  /** What should be gone and is not, at rest; empty if all is. */
  String left() {
    RuntimeMetrics now = runtime.metrics();
    // Of objects, the cleaner has the last word.
    long all =
        now.liveCalls()
            + now.lendingCalls()
            + now.heldObjects()
            + now.liveInvocations()
            + now.liveTasks()
            + now.livePayloads()
            + now.livePayloadBytes()
            + now.liveLeases()
            + now.liveLocalFutures()
            + now.liveLocalObjects()
            + Math.abs(now.callsBegun() - now.callsFinished())
            + Math.abs(now.globalReferences() - now.livePorts());
    return all == 0 ? "" : now.toString();
  }

  /** How more was woken than there was to wake for; empty if it was not. */
  String storm() {
    RuntimeMetrics now = runtime.metrics();
    return now.wakes() <= now.completions() + now.localPolls()
            && now.doorbells() <= now.submissions()
        ? ""
        : now.toString();
  }

  void close() {
    runtime.close();
    full.close();
  }

  /** What is left of the closed runtimes. */
  String leftAfterClose() {
    for (NativeRuntime each : new NativeRuntime[] {runtime, full}) {
      RuntimeMetrics now = each.metrics();
      if (now.livePorts() + now.globalReferences() + now.attachedThreads() + now.liveCalls() != 0) {
        return now.toString();
      }
    }
    return "";
  }
}
