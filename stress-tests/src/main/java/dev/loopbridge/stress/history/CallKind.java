package dev.loopbridge.stress.history;

import dev.loopbridge.JavaHandler;
import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRef;
import dev.loopbridge.NativeRuntime;
import io.netty.buffer.ByteBuf;

/** The functions that programs call, and what each comes to if nothing comes between. */
enum CallKind {
  ADD,
  ECHO,
  ECHO_LENT,
  SUM_LENT,
  YIELD,
  SLEEP,
  BURN,
  FAIL,
  PANIC,
  PANIC_LATER,
  PANIC_IN_DROP,
  NEVER,
  NEVER_PANICS,
  SIGNAL,
  ASK,
  ASK_NESTED,
  ASK_IN_TURN,
  ASK_IN_ORDER,
  LOCAL_ADD,
  LOCAL_ECHO_LENT,
  LOCAL_YIELD,
  LOCAL_SLEEP,
  LOCAL_FAIL,
  LOCAL_PANIC,
  LOCAL_PANIC_LATER,
  LOCAL_PANIC_IN_DROP,
  LOCAL_NEVER,
  LOCAL_NEVER_PANICS,
  LOCAL_SIGNAL,
  LOCAL_ASK,
  LOCAL_ASK_IN_TURN,
  COUNTER,
  COUNT,
  COUNT_LATER;

  private static final int TIMES = 3;

  /** What {@link #SIGNAL} comes to: a number that only the end of the wait knows. */
  static final Outcome SOME_VALUE = Outcome.value("some");

  boolean isLocal() {
    return ordinal() >= LOCAL_ADD.ordinal();
  }

  boolean waitsForSignal() {
    return this == SIGNAL || this == LOCAL_SIGNAL;
  }

  boolean asks() {
    return switch (this) {
      case ASK, ASK_NESTED, ASK_IN_TURN, ASK_IN_ORDER, LOCAL_ASK, LOCAL_ASK_IN_TURN -> true;
      default -> false;
    };
  }

  boolean lends() {
    return this == ECHO_LENT || this == SUM_LENT || this == LOCAL_ECHO_LENT;
  }

  boolean usesReference() {
    return this == COUNT || this == COUNT_LATER;
  }

  /** What it comes to by itself; null if it never ends. */
  Outcome expected(int id, Script script) {
    return switch (this) {
      case ADD, LOCAL_ADD -> Outcome.value(id + 7L);
      case ECHO -> Outcome.value("bytes " + echoed(id).length);
      case ECHO_LENT, LOCAL_ECHO_LENT -> Outcome.value("buffer 5000");
      case SUM_LENT -> Outcome.value((long) (id & 127));
      case YIELD, LOCAL_YIELD -> Outcome.value((long) TIMES);
      case SLEEP, BURN, LOCAL_SLEEP -> Outcome.value(null);
      case FAIL, LOCAL_FAIL -> Outcome.error(text(id));
      case PANIC, PANIC_LATER, PANIC_IN_DROP, LOCAL_PANIC, LOCAL_PANIC_LATER, LOCAL_PANIC_IN_DROP ->
          Outcome.panic(text(id));
      case NEVER, NEVER_PANICS, LOCAL_NEVER, LOCAL_NEVER_PANICS -> null;
      case SIGNAL, LOCAL_SIGNAL, COUNTER, COUNT, COUNT_LATER -> SOME_VALUE;
      case ASK, ASK_NESTED, LOCAL_ASK -> answered(id, id + 1L, script);
      case ASK_IN_TURN, ASK_IN_ORDER, LOCAL_ASK_IN_TURN -> answered(id, 1L + 2 + TIMES, script);
    };
  }

  private static Outcome answered(int id, long value, Script script) {
    if (script == Script.NEVER) {
      return null;
    }
    return script.answers() ? Outcome.value(value) : Outcome.error(text(id));
  }

  static String text(int id) {
    return "as planned " + id;
  }

  static byte[] echoed(int id) {
    byte[] bytes = new byte[id % 3 == 0 ? 4_000 + id : id % 16];
    java.util.Arrays.fill(bytes, (byte) id);
    return bytes;
  }

  /** The call. */
  NativeCall<?> call(NativeRuntime runtime, Call of) {
    int id = of.id();
    String name = rustName();
    return switch (this) {
      case ADD, LOCAL_ADD ->
          runtime.function(name, Long.class, long.class, long.class).call((long) id, 7L);
      case ECHO -> runtime.function(name, byte[].class, byte[].class).call(echoed(id));
      case ECHO_LENT, LOCAL_ECHO_LENT ->
          runtime.function(name, ByteBuf.class, ByteBuf.class).call(of.lent());
      case SUM_LENT -> runtime.function(name, Long.class, ByteBuf.class).call(of.lent());
      case YIELD, LOCAL_YIELD -> runtime.function(name, Long.class, long.class).call((long) TIMES);
      case SLEEP, LOCAL_SLEEP -> runtime.function(name, Void.class, long.class).call(1L);
      case BURN -> runtime.function(name, Void.class, long.class).call(20L);
      case FAIL, LOCAL_FAIL ->
          runtime.function(name, Void.class, String.class, int.class).call(text(id), id % 3);
      case PANIC,
          PANIC_LATER,
          PANIC_IN_DROP,
          NEVER_PANICS,
          LOCAL_PANIC,
          LOCAL_PANIC_LATER,
          LOCAL_PANIC_IN_DROP,
          LOCAL_NEVER_PANICS ->
          runtime.function(name, Void.class, String.class).call(text(id));
      case NEVER, LOCAL_NEVER -> runtime.function(name, Void.class).call();
      case SIGNAL, LOCAL_SIGNAL -> runtime.function(name, Long.class, long.class).call(of.signal());
      case ASK, ASK_NESTED, LOCAL_ASK ->
          runtime
              .function(name, Long.class, long.class, JavaHandler.class)
              .call((long) id, of.handler());
      case ASK_IN_TURN, ASK_IN_ORDER, LOCAL_ASK_IN_TURN ->
          runtime
              .function(name, Long.class, long.class, JavaHandler.class)
              .call((long) TIMES, of.handler());
      case COUNTER -> runtime.function(name, NativeRef.class, long.class).call((long) id);
      case COUNT ->
          runtime.function(name, Long.class, NativeRef.class, long.class).call(of.reference(), 1L);
      case COUNT_LATER ->
          runtime
              .function(name, Long.class, NativeRef.class, long.class, long.class)
              .call(of.reference(), 1L, 1L);
    };
  }

  private String rustName() {
    return switch (this) {
      case ADD -> "add";
      case ECHO, ECHO_LENT -> "echo";
      case SUM_LENT -> "sumBytes";
      case YIELD -> "yieldTimes";
      case SLEEP -> "sleep";
      case BURN -> "burnBlocking";
      case FAIL -> "fail";
      case PANIC -> "panic";
      case PANIC_LATER -> "panicAfterYield";
      case PANIC_IN_DROP -> "panicInDrop";
      case NEVER -> "never";
      case NEVER_PANICS -> "panicInDropPending";
      case SIGNAL -> "awaitSignal";
      case ASK -> "ask";
      case ASK_NESTED -> "askNested";
      case ASK_IN_TURN -> "askInTurn";
      case ASK_IN_ORDER -> "askInOrder";
      case LOCAL_ADD -> "localAdd";
      case LOCAL_ECHO_LENT -> "localEcho";
      case LOCAL_YIELD -> "localYieldTimes";
      case LOCAL_SLEEP -> "localSleep";
      case LOCAL_FAIL -> "localFail";
      case LOCAL_PANIC -> "localPanic";
      case LOCAL_PANIC_LATER -> "localPanicAfterYield";
      case LOCAL_PANIC_IN_DROP -> "localPanicInDrop";
      case LOCAL_NEVER -> "localNever";
      case LOCAL_NEVER_PANICS -> "localPanicInDropPending";
      case LOCAL_SIGNAL -> "localAwaitSignal";
      case LOCAL_ASK -> "localAsk";
      case LOCAL_ASK_IN_TURN -> "localAskInTurn";
      case COUNTER -> "counter";
      case COUNT -> "count";
      case COUNT_LATER -> "countLater";
    };
  }
}
