package dev.loopbridge.stress.history;

import dev.loopbridge.NativeCall;
import dev.loopbridge.NativeRuntime;
import dev.loopbridge.kit.Fn;
import java.util.Arrays;

/** The functions that programs call, and the outcome of each if nothing interferes. */
enum CallKind {
  ADD(Fn.ADD),
  ECHO(Fn.ECHO),
  ECHO_LENT(Fn.ECHO_BUFFER),
  SUM_LENT(Fn.SUM_BYTES),
  YIELD(Fn.YIELD_TIMES),
  SLEEP(Fn.SLEEP),
  BURN(Fn.BURN_BLOCKING),
  FAIL(Fn.FAIL),
  PANIC(Fn.PANIC),
  PANIC_LATER(Fn.PANIC_AFTER_YIELD),
  PANIC_IN_DROP(Fn.PANIC_IN_DROP),
  NEVER(Fn.NEVER),
  NEVER_PANICS(Fn.PANIC_IN_DROP_PENDING),
  SIGNAL(Fn.AWAIT_SIGNAL),
  ASK(Fn.ASK),
  ASK_NESTED(Fn.ASK_NESTED),
  ASK_IN_TURN(Fn.ASK_IN_TURN),
  ASK_IN_ORDER(Fn.ASK_IN_ORDER),
  LOCAL_ADD(Fn.LOCAL_ADD),
  LOCAL_ECHO_LENT(Fn.LOCAL_ECHO),
  LOCAL_YIELD(Fn.LOCAL_YIELD_TIMES),
  LOCAL_SLEEP(Fn.LOCAL_SLEEP),
  LOCAL_FAIL(Fn.LOCAL_FAIL),
  LOCAL_PANIC(Fn.LOCAL_PANIC),
  LOCAL_PANIC_LATER(Fn.LOCAL_PANIC_AFTER_YIELD),
  LOCAL_PANIC_IN_DROP(Fn.LOCAL_PANIC_IN_DROP),
  LOCAL_NEVER(Fn.LOCAL_NEVER),
  LOCAL_NEVER_PANICS(Fn.LOCAL_PANIC_IN_DROP_PENDING),
  LOCAL_SIGNAL(Fn.LOCAL_AWAIT_SIGNAL),
  LOCAL_ASK(Fn.LOCAL_ASK),
  LOCAL_ASK_IN_TURN(Fn.LOCAL_ASK_IN_TURN),
  COUNTER(Fn.COUNTER),
  COUNT(Fn.COUNT),
  COUNT_LATER(Fn.COUNT_LATER);

  private static final int TIMES = 3;

  /** The outcome of {@link #SIGNAL}: a number that is known only when the wait ends. */
  static final Outcome SOME_VALUE = Outcome.value("some");

  private final Fn<?> function;

  CallKind(Fn<?> function) {
    this.function = function;
  }

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

  /** Returns the outcome that the call has by itself; null if it never ends. */
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
    Arrays.fill(bytes, (byte) id);
    return bytes;
  }

  /** Returns the native call. */
  NativeCall<?> call(NativeRuntime runtime, Call of) {
    return function.call(runtime, arguments(of));
  }

  private Object[] arguments(Call of) {
    long id = of.id();
    String text = text(of.id());
    return switch (this) {
      case ADD, LOCAL_ADD -> new Object[] {id, 7L};
      case ECHO -> new Object[] {echoed(of.id())};
      case ECHO_LENT, SUM_LENT, LOCAL_ECHO_LENT -> new Object[] {of.lent()};
      case YIELD, LOCAL_YIELD -> new Object[] {(long) TIMES};
      case SLEEP, LOCAL_SLEEP -> new Object[] {1L};
      case BURN -> new Object[] {20L};
      case FAIL, LOCAL_FAIL -> new Object[] {text, of.id() % 3};
      case NEVER, LOCAL_NEVER -> new Object[0];
      case SIGNAL, LOCAL_SIGNAL -> new Object[] {of.signal()};
      case ASK, ASK_NESTED, LOCAL_ASK -> new Object[] {id, of.handler()};
      case ASK_IN_TURN, ASK_IN_ORDER, LOCAL_ASK_IN_TURN ->
          new Object[] {(long) TIMES, of.handler()};
      case COUNTER -> new Object[] {id};
      case COUNT -> new Object[] {of.reference(), 1L};
      case COUNT_LATER -> new Object[] {of.reference(), 1L, 1L};
      default -> new Object[] {text}; // the panic's text
    };
  }
}
