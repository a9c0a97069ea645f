package dev.loopbridge.kit;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.LoopRef;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeFunction;
import dev.loopbridge.NativeObject;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import io.netty.buffer.ByteBuf;

/**
 * The native functions that suites and benchmark call: each constant has the function's name and
 * the classes of its result and its parameters. Most functions are in the built-in library; a
 * constant also serves a function of the library of benchmarks with the same name and classes.
 */
public final class Fn<R> {

  public static final Fn<Long> ADD = of("add", Long.class, long.class, long.class);
  public static final Fn<byte[]> ECHO = of("echo", byte[].class, byte[].class);
  public static final Fn<Long> YIELD_TIMES = of("yieldTimes", Long.class, long.class);
  public static final Fn<Void> SLEEP = of("sleep", Void.class, long.class);
  public static final Fn<Void> FAIL = of("fail", Void.class, String.class, int.class);
  public static final Fn<Void> PANIC = of("panic", Void.class, String.class);
  public static final Fn<Void> PANIC_AFTER_YIELD = of("panicAfterYield", Void.class, String.class);
  public static final Fn<Void> PANIC_IN_DROP = of("panicInDrop", Void.class, String.class);
  public static final Fn<Void> PANIC_IN_DROP_PENDING =
      of("panicInDropPending", Void.class, String.class);
  public static final Fn<Void> NEVER = of("never", Void.class);
  public static final Fn<Long> AWAIT_SIGNAL = of("awaitSignal", Long.class, long.class);
  public static final Fn<Long> ASK = of("ask", Long.class, long.class, JavaHandler.class);
  public static final Fn<Long> ASK_IN_TURN =
      of("askInTurn", Long.class, long.class, JavaHandler.class);
  public static final Fn<Long> LOCAL_ADD = of("localAdd", Long.class, long.class, long.class);
  public static final Fn<ByteBuf> LOCAL_ECHO = of("localEcho", ByteBuf.class, ByteBuf.class);
  public static final Fn<Long> LOCAL_YIELD_TIMES = of("localYieldTimes", Long.class, long.class);
  public static final Fn<Void> LOCAL_SLEEP = of("localSleep", Void.class, long.class);
  public static final Fn<Void> LOCAL_FAIL = of("localFail", Void.class, String.class, int.class);
  public static final Fn<Void> LOCAL_PANIC = of("localPanic", Void.class, String.class);
  public static final Fn<Void> LOCAL_PANIC_AFTER_YIELD =
      of("localPanicAfterYield", Void.class, String.class);
  public static final Fn<Void> LOCAL_PANIC_IN_DROP =
      of("localPanicInDrop", Void.class, String.class);
  public static final Fn<Void> LOCAL_PANIC_IN_DROP_PENDING =
      of("localPanicInDropPending", Void.class, String.class);
  public static final Fn<Void> LOCAL_NEVER = of("localNever", Void.class);
  public static final Fn<Long> LOCAL_AWAIT_SIGNAL = of("localAwaitSignal", Long.class, long.class);
  public static final Fn<Long> LOCAL_ASK =
      of("localAsk", Long.class, long.class, JavaHandler.class);
  public static final Fn<Long> LOCAL_ASK_IN_TURN =
      of("localAskInTurn", Long.class, long.class, JavaHandler.class);

  public static final Fn<ByteBuf> ECHO_BUFFER = of("echo", ByteBuf.class, ByteBuf.class);
  public static final Fn<byte[]> ECHO_LENT = of("echo", byte[].class, ByteBuf.class);
  public static final Fn<String> ECHO_STRING = of("echoString", String.class, String.class);
  public static final Fn<byte[]> MAKE_BYTES = of("makeBytes", byte[].class, long.class);
  public static final Fn<ByteBuf> MAKE_BUFFER = of("makeBytes", ByteBuf.class, long.class);
  public static final Fn<Long> SUM_BYTES = of("sumBytes", Long.class, ByteBuf.class);
  public static final Fn<Long> SUM_ARRAY = of("sumBytes", Long.class, byte[].class);
  public static final Fn<Long> ASK_AT_ONCE =
      of("askAtOnce", Long.class, long.class, JavaHandler.class);
  public static final Fn<byte[]> ASK_BYTES =
      of("askBytes", byte[].class, byte[].class, JavaHandler.class);
  public static final Fn<Long> ASK_IN_ORDER =
      of("askInOrder", Long.class, long.class, JavaHandler.class);
  public static final Fn<Long> ASK_NESTED =
      of("askNested", Long.class, long.class, JavaHandler.class);
  public static final Fn<Void> KEEP_HANDLER = of("keepHandler", Void.class, JavaHandler.class);
  public static final Fn<Void> FORGET_HANDLER = of("forgetHandler", Void.class);
  public static final Fn<Void> BURN_BLOCKING = of("burnBlocking", Void.class, long.class);
  public static final Fn<Void> BURN_HEAVY = of("burnHeavy", Void.class, long.class);
  public static final Fn<Long> BURNING = of("burning", Long.class);
  public static final Fn<Void> NOOP = of("noop", Void.class);
  public static final Fn<Void> SIGNAL = of("signal", Void.class, long.class, long.class);
  public static final Fn<Long> WAKE_WAITING =
      of("wakeWaiting", Long.class, long.class, long.class, long.class);
  public static final Fn<Long> LOCAL_WAIT = of("localWait", Long.class);
  public static final Fn<Boolean> LOCAL_WAKE = of("localWake", Boolean.class, long.class);
  public static final Fn<NativeRef> COUNTER = of("counter", NativeRef.class, long.class);
  public static final Fn<Long> COUNT = of("count", Long.class, NativeRef.class, long.class);
  public static final Fn<Long> COUNT_LATER =
      of("countLater", Long.class, NativeRef.class, long.class, long.class);
  public static final Fn<NativeObject> OPEN_TALLY = of("openTally", NativeObject.class, long.class);
  public static final Fn<Long> TALLY = of("tally", Long.class, NativeObject.class, long.class);
  public static final Fn<NativeRef> TEXT = of("text", NativeRef.class, String.class);

  @SuppressWarnings("rawtypes") // a class literal has no type arguments
  public static final Fn<LoopRef> GIVE_BACK = of("giveBack", LoopRef.class, LoopRef.class);

  public static final Fn<Long> DROPPED_AT_HOME = of("droppedAtHome", Long.class);
  public static final Fn<Long> DROPPED_ELSEWHERE = of("droppedElsewhere", Long.class);
  public static final Fn<Long> STASH = of("stash", Long.class, ByteBuf.class);
  public static final Fn<Long> UNSTASH = of("unstash", Long.class);

  // The functions of the library of benchmarks.
  public static final Fn<Long> ASK_KEPT = of("askKept", Long.class, long.class);
  public static final Fn<Long> BURN = of("burn", Long.class, long.class);
  public static final Fn<Long> DROP_TICKETS = of("dropTickets", Long.class);
  public static final Fn<Long> CPU_LOOP = of("cpuLoop", Long.class, long.class, long.class);
  public static final Fn<Long> FIB = of("fib", Long.class, long.class);
  public static final Fn<Void> FORGET = of("forget", Void.class);
  public static final Fn<Long> HELD_COUNT = of("heldCount", Long.class);
  public static final Fn<Long> HOLD = of("hold", Long.class);
  public static final Fn<Long> LOCAL_FIB = of("localFib", Long.class, long.class);
  public static final Fn<Void> KEEP = of("keep", Void.class, JavaHandler.class);
  public static final Fn<Void> KEEP_TICKET = of("keepTicket", Void.class, LoopRef.class);
  public static final Fn<NativeRef> OBJECT = of("object", NativeRef.class);
  public static final Fn<Long> PEND_ONCE = of("pendOnce", Long.class, long.class);
  public static final Fn<Long> POLLS = of("polls", Long.class);
  public static final Fn<byte[]> READ = of("read", byte[].class, long.class);
  public static final Fn<Long> RELEASE = of("release", Long.class, long.class);
  public static final Fn<Long> VISIT = of("visit", Long.class, NativeRef.class, long.class);
  public static final Fn<Void> WAIT = of("wait", Void.class);
  public static final Fn<Long> WAKE_MEANWHILE = of("wakeMeanwhile", Long.class, long.class);
  public static final Fn<Long> COMPUTE_HEAVY = of("burnHeavy", Long.class, long.class);

  private final String name;
  private final Class<R> result;
  private final Class<?>[] parameters;

  private Fn(String name, Class<R> result, Class<?>... parameters) {
    this.name = name;
    this.result = result;
    this.parameters = parameters;
  }

  private static <R> Fn<R> of(String name, Class<R> result, Class<?>... parameters) {
    return new Fn<>(name, result, parameters);
  }

  /** Returns the function in a runtime whose library has it. */
  public NativeFunction<R> in(NativeRuntime runtime) {
    return runtime.function(name, result, parameters);
  }

  /** Returns a call of the function with these arguments. */
  public NativeCall<R> call(NativeRuntime runtime, Object... arguments) {
    return in(runtime).call(arguments);
  }

  @Override
  public String toString() {
    return name;
  }
}
