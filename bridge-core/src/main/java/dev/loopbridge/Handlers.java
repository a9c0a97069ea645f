package dev.loopbridge;

import io.netty.util.collection.LongObjectHashMap;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The handlers that one port's loop has passed to Rust, what they threw, and their invocations.
 * Owner loop only, or what follows it.
 *
 * <p>An invocation is pending from Rust's request until its answer, or the acknowledgement that it
 * was given up; it gets exactly one of the two, or both in that order.
 *
 * <p>What Rust holds takes places beside those of the calls, each of which stands for two records
 * in both rings: one for the object itself, and for a handler one for each invocation it allows at
 * once.
 */
final class Handlers {

  /** The limit on payloads is about values: what is told of an error is small by itself. */
  private static final int LONGEST_TEXT = 16_384;

  /** A small limit on calls has places beside them: these, and some for each call. */
  private static final int LEAST_PLACES_BESIDE = 64;

  private static final int PLACES_BESIDE_A_CALL = 8;

  /** From this limit on, calls and what Rust holds share as many places as calls are allowed. */
  private static final int ENOUGH_PLACES = 4_096;

  /** Slot, generation, class, message and stack. */
  private static final List<ValueType> ERROR =
      List.of(
          ValueType.parse("i32"),
          ValueType.parse("i32"),
          ValueType.parse("string"),
          ValueType.parse("string"),
          ValueType.parse("string"));

  /** Ticket, then the error. */
  private static final List<ValueType> PANIC =
      Stream.concat(Stream.of(ValueType.parse("i64")), ERROR.stream()).toList();

  private static final Integer NOT_KEPT = 0;

  /** An error of which there is no memory to tell. */
  private static final Object[] UNTOLD = {-1, NOT_KEPT, "java.lang.Throwable", "", ""};

  /** A handler as one call passed it: with the types its function has in Rust. */
  private record Passed(JavaHandler<?, ?> handler, ValueType function) {}

  private final Port port;
  private final PortCounters counters;
  private final LongObjectHashMap<HandlerAnswer<?>> pending = new LongObjectHashMap<>(8);

  private final ObjectTable objects;

  /** Invocations that there was no stack or memory to begin, and room for all there may be. */
  private long[] unbegun = new long[8];

  private int unbegunCount;

  Handlers(Port port, PortCounters counters) {
    this.port = port;
    this.counters = counters;
    this.objects = new ObjectTable(counters);
  }

  Port port() {
    return port;
  }

  /** The least places that a port has for so many calls, their handlers and objects. */
  static int placesFor(int maxInFlight) {
    long some = LEAST_PLACES_BESIDE + (1L + PLACES_BESIDE_A_CALL) * maxInFlight;
    return (int) Math.max(maxInFlight, Math.min(some, ENOUGH_PLACES));
  }

  /** Places that the objects take. */
  int units() {
    return objects.units();
  }

  TooManyInFlightException tooMany(int more, int calls, int places) {
    return new TooManyInFlightException(
        "this call takes "
            + more
            + " places of "
            + port.loop()
            + ", of whose "
            + places
            + " the calls in flight take "
            + calls
            + " and what Rust holds "
            + units()
            + ": a call and a LoopRef take one, a handler one and one more for each invocation that"
            + " it allows at once; wait for some to settle, allow fewer by JavaHandler.atOnce, or"
            + " raise NativeRuntime.Builder.maxInFlight");
  }

  /** Places that the handlers and objects among these arguments will take. */
  static int unitsOf(Object[] arguments) {
    int units = 0;
    for (Object argument : arguments) {
      if (argument instanceof JavaHandler<?, ?> handler) {
        units += handler.units();
      } else if (argument instanceof LoopRef<?>) {
        units++;
      }
    }
    return units;
  }

  /** Takes in a handler that is being passed; its slot. */
  int pass(JavaHandler<?, ?> handler, ValueType function) {
    int most = objects.units() + handler.units();
    if (unbegun.length < most) {
      unbegun = Arrays.copyOf(unbegun, 2 * most);
    }
    return objects.hold(new Passed(handler, function), handler.units());
  }

  /** Takes in an object that is being passed; its slot. */
  int pass(LoopRef<?> reference) {
    if (!reference.loop().equals(port.loop())) {
      throw new WrongLoopException(
          reference
              + " was passed to a call that "
              + port.loop()
              + " owns; start the call on the object's own loop");
    }
    return objects.hold(reference, 1);
  }

  int generation(int slot) {
    return objects.generation(slot);
  }

  /** What handlers threw and Rust has returned; null if it is no object of this port. */
  Throwable thrown(int slot, int generation) {
    return objects.find(slot, generation) instanceof Throwable thrown ? thrown : null;
  }

  /** An object that Rust gives back. */
  LoopRef<?> reference(int slot, int generation) {
    return objects.find(slot, generation) instanceof LoopRef<?> reference ? reference : null;
  }

  /** Rust has let go of an object, or never got it. */
  void drop(int slot, int generation) {
    objects.drop(slot, generation);
  }

  /**
   * Rust asks for a handler's answer. Without the stack or memory for an answer, Rust hears in a
   * later turn that there is none.
   */
  void invoke(NativeResult request, Supplier<LoopbridgeException> refusal) {
    long invocation = request.invocation();
    try {
      invoke(request, invocation, refusal);
    } catch (StackOverflowError | OutOfMemoryError e) {
      if (unbegunCount < unbegun.length) {
        unbegun[unbegunCount++] = invocation;
      }
      throw e;
    }
  }

  private void invoke(
      NativeResult request, long invocation, Supplier<LoopbridgeException> refusal) {
    if (refusal != null) {
      answer(invocation, null, null, refusal.get());
    } else if (objects.find(request.slot(), request.generation()) instanceof Passed passed) {
      begin(passed.handler, passed.function, request, invocation);
    } else {
      String missing = "there is no handler " + request.slot() + " on " + port.loop();
      answer(invocation, null, null, new InvalidHandleException(missing));
    }
  }

  /** Whether Rust waits for answers that could not be given. */
  boolean isBehind() {
    return unbegunCount > 0;
  }

  /** Answers for the invocations that could not begin. */
  void catchUp() {
    while (unbegunCount > 0) {
      long invocation = unbegun[unbegunCount - 1];
      HandlerAnswer<?> begun = pending.get(invocation);
      if (begun == null || begun.end(LoopStep.CANCELLED) || begun.state() == LoopStep.CANCELLED) {
        port.answers().error(invocation, ERROR, UNTOLD);
        pending.remove(invocation);
        counters.invocations(pending.size());
      } // else its answer is on its way
      unbegunCount--;
    }
  }

  private <R> void begin(
      JavaHandler<?, R> handler, ValueType function, NativeResult request, long invocation) {
    HandlerAnswer<R> answer;
    try {
      answer = new HandlerAnswer<>(port, handler, function.answer, invocation);
      pending.put(invocation, answer);
    } catch (OutOfMemoryError e) {
      answer(invocation, null, null, e);
      return;
    }
    counters.invocations(pending.size());
    request.isArgumentOf(function.argument);
    handler.begin(request, answer);
  }

  /** Rust has given an invocation up. */
  void withdraw(long invocation) {
    for (int i = 0; i < unbegunCount; i++) {
      if (unbegun[i] == invocation) {
        unbegun[i] = unbegun[--unbegunCount];
      }
    }
    HandlerAnswer<?> withdrawn = pending.remove(invocation);
    if (withdrawn != null) {
      counters.invocations(pending.size());
      withdrawn.withdraw();
    }
    port.answers().acknowledge(invocation);
  }

  /** An invocation was answered; if it is still pending Rust is told. */
  void answer(
      HandlerAnswer<?> from, long invocation, ValueType type, Object value, Throwable error) {
    if (pending.get(invocation) == from) {
      answer(invocation, type, value, error);
      pending.remove(invocation); // not before: what fails for want of stack is answered later
      counters.invocations(pending.size());
    }
  }

  /** Rust hears in another way that an invocation has failed. */
  void abandon(long invocation) {
    HandlerAnswer<?> abandoned = pending.remove(invocation);
    if (abandoned != null) {
      counters.invocations(pending.size());
      abandoned.withdraw();
    }
  }

  private void answer(long invocation, ValueType type, Object value, Throwable error) {
    Throwable failed = error;
    if (failed == null) {
      try {
        if (value instanceof NativeCall<?> call) {
          port.answers().relay(invocation, type, call);
          return;
        }
        Object answer = type.converted(value);
        if (!type.answers(answer)) {
          throw new SignatureMismatchException(
              "a handler answered with "
                  + (value == null ? "null" : "a " + value.getClass().getName())
                  + ", expected "
                  + type.javaNames());
        }
        port.answers().value(invocation, type, answer);
        return;
      } catch (Throwable e) {
        failed = e; // it has a size or a surrogate that cannot be sent
      }
    }
    fail(invocation, failed);
  }

  private void fail(long invocation, Throwable error) {
    int slot = keep(error);
    Integer generation = slot < 0 ? NOT_KEPT : Integer.valueOf(objects.generation(slot));
    try {
      String type = error.getClass().getName();
      String message = message(error);
      String stack = stack(error);
      long panic = error instanceof NativePanicError it ? it.ticketIn(port.runtime()) : 0;
      if (panic != 0) {
        Object[] told = {panic, slot, generation, type, message, stack};
        port.answers().panic(invocation, PANIC, told);
      } else {
        port.answers()
            .error(invocation, ERROR, new Object[] {slot, generation, type, message, stack});
      }
    } catch (Throwable e) {
      failUntold(invocation, slot, generation);
    }
  }

  /** The error is too much to be told; it keeps its identity if there is memory to say which. */
  private void failUntold(long invocation, int slot, Integer generation) {
    try {
      Object[] told = {slot, generation, "java.lang.Throwable", "", ""};
      port.answers().error(invocation, ERROR, told);
    } catch (OutOfMemoryError e) {
      // Small enough for the record, and made already, so that nothing can fail.
      if (slot >= 0) {
        objects.drop(slot, generation);
      }
      port.answers().error(invocation, ERROR, UNTOLD);
    }
  }

  /** Keeps what was thrown for Rust to return; without room, Rust gets its text alone. */
  private int keep(Throwable error) {
    try {
      return port.mayHold(1) ? objects.hold(error, 1) : -1;
    } catch (Throwable e) {
      return -1;
    }
  }

  private static String message(Throwable error) {
    String message;
    try {
      message = error.getMessage();
    } catch (Throwable e) {
      message = "its message threw " + e.getClass().getName();
    }
    return message == null ? "" : told(message);
  }

  private static String stack(Throwable error) {
    StringWriter stack = new StringWriter();
    try {
      error.printStackTrace(new PrintWriter(stack));
    } catch (Throwable e) {
      stack.write("its stack threw " + e.getClass().getName());
    }
    return told(stack.toString());
  }

  /** The beginning of the text, without what UTF-8 cannot hold. */
  private static String told(String text) {
    String beginning = text.substring(0, Math.min(text.length(), LONGEST_TEXT));
    return new String(beginning.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  /**
   * The loop or the runtime has ended.
   *
   * @param tell what Rust is told of each invocation; null if nobody reads it
   */
  void end(Supplier<LoopbridgeException> tell) {
    List<Long> invocations = new ArrayList<>(pending.keySet());
    for (Long invocation : invocations) {
      HandlerAnswer<?> lost = pending.remove(invocation);
      if (lost == null) {
        continue; // the cancellation of another answered it
      }
      if (tell != null) {
        lost.close(); // what it started belongs to a loop that is gone
        answer(invocation, null, null, tell.get());
      } else {
        lost.withdraw();
      }
    }
    counters.invocations(0);
    if (tell == null) {
      objects.clear();
    }
  }
}
