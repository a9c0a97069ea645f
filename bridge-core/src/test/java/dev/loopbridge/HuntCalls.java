package dev.loopbridge;

import java.util.SplittableRandom;

/** The runtime of one program of a {@link DeadlockHunt}, and the calls that the program makes. */
final class HuntCalls {

  final NativeRuntime runtime = Builtin.runtime();

  private final NativeCall<Long> add =
      runtime.function("add", Long.class, long.class, long.class).call(1L, 2L);
  final NativeCall<Long> yield = runtime.function("yieldTimes", Long.class, long.class).call(3L);
  private final NativeCall<Void> sleep = runtime.function("sleep", Void.class, long.class).call(1L);
  private final NativeCall<Void> never = runtime.function("never", Void.class).call();
  private final NativeCall<Void> panic =
      runtime.function("panicInDropPending", Void.class, String.class).call("as planned");
  final NativeFunction<Long> ask = asking("ask", Long.class);
  final NativeFunction<Long> askAtOnce = asking("askAtOnce", Long.class);
  final NativeFunction<Boolean> askOrGiveUp = asking("askOrGiveUp", Boolean.class);

  // Loop-driven
  private final NativeCall<Long> localAdd =
      runtime.function("localAdd", Long.class, long.class, long.class).call(1L, 2L);
  private final NativeCall<Long> localYield =
      runtime.function("localYieldTimes", Long.class, long.class).call(3L);
  private final NativeCall<Void> localSleep =
      runtime.function("localSleep", Void.class, long.class).call(1L);
  private final NativeCall<Void> localNever = runtime.function("localNever", Void.class).call();
  private final NativeCall<Void> localPanic =
      runtime.function("localPanic", Void.class, String.class).call("as planned");
  private final NativeCall<Void> localPanicLater =
      runtime.function("localPanicAfterYield", Void.class, String.class).call("as planned");
  final NativeFunction<Long> localAsk = asking("localAsk", Long.class);
  final NativeFunction<Long> localAskInTurn = asking("localAskInTurn", Long.class);
  final NativeCall<NativeRef> counter =
      runtime.function("counter", NativeRef.class, long.class).call(0L);
  private final NativeFunction<Long> count =
      runtime.function("count", Long.class, NativeRef.class, long.class);
  private final NativeFunction<Long> countLater =
      runtime.function("countLater", Long.class, NativeRef.class, long.class, long.class);
  private final NativeFunction<NativeRef> sameCounter =
      runtime.function("sameCounter", NativeRef.class, NativeRef.class);

  private <R> NativeFunction<R> asking(String name, Class<R> result) {
    return runtime.function(name, result, long.class, JavaHandler.class);
  }

  /** One of the calls that need no handler and that this loop can own. */
  NativeCall<?> any(SplittableRandom random, OwnerLoop owner) {
    return switch (random.nextInt(owner.hasOneThread() ? 14 : 6)) {
      case 0 -> add;
      case 1 -> sleep;
      case 2 -> never;
      case 3 -> panic;
      case 6 -> localAdd;
      case 7 -> localSleep;
      case 8 -> localNever;
      case 9 -> random.nextBoolean() ? localPanic : localPanicLater;
      case 10, 11 -> localYield;
      case 12, 13 -> counter;
      default -> yield;
    };
  }

  /** One of the calls that use an object of {@link #counter}. */
  NativeCall<?> using(NativeRef object, SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> countLater.call(object, 1L, 1L);
      case 1 -> sameCounter.call(object);
      default -> count.call(object, 1L);
    };
  }

  /** Whether only a cancel or a close ends the call. */
  boolean needsCancel(NativeCall<?> call) {
    return call == never || call == localNever || call == panic;
  }
}
