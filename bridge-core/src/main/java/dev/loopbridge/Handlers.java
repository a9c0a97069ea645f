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
 * The handlers that one port's loop has passed to Rust, the exceptions that they threw, and their
 * invocations. Owner loop only, or the thread that drains in its place after its end.
 *
 * <p>An invocation is pending from Rust's request until its answer, or the acknowledgement that it
 * was given up. It gets exactly one of the two, or both in that order.
 *
 * <p>A handler, object or exception that Rust holds takes places beside those of the calls ({@link
 * Admission}).
 */
final class Handlers {

  /**
   * The longest text of an error that is sent, in chars. The limit on payloads does not hold for
   * errors, so that a small limit hides no error; this bound keeps them small.
   */
  private static final int LONGEST_TEXT = 16_384;

  /** The types of an error: slot, generation, class, message and stack. */
  private static final List<ValueType> ERROR =
      List.of(
          ValueType.parse("i32"),
          ValueType.parse("i32"),
          ValueType.parse("string"),
          ValueType.parse("string"),
          ValueType.parse("string"));

  /** The types of a panic: its ticket, then the error. */
  private static final List<ValueType> PANIC =
      Stream.concat(Stream.of(ValueType.parse("i64")), ERROR.stream()).toList();

  private static final Integer NOT_KEPT = 0;

  /** The answer for an error that there is no memory to describe; it needs no allocation. */
  private static final Object[] WITHOUT_TEXT = {-1, NOT_KEPT, "java.lang.Throwable", "", ""};

  /** A handler as one call passed it, with the types that its function has in Rust. */
  private record Passed(JavaHandler<?, ?> handler, ValueType function) {}

  private final Port port;
  private final PortCounters counters;
  private final LongObjectHashMap<Invocation<?>> pending = new LongObjectHashMap<>(8);

  private final ObjectTable objects;

  /**
   * The invocations that could not begin for want of stack or memory. The array has room for as
   * many as there may be at once, so that adding one cannot fail.
   */
  private long[] unbegun = new long[8];

  private int unbegunCount;

  Handlers(Port port, PortCounters counters, ObjectTable objects) {
    this.port = port;
    this.counters = counters;
    this.objects = objects;
  }

  Port port() {
    return port;
  }

  /** Holds a handler that is being passed; returns its slot. */
  int pass(JavaHandler<?, ?> handler, ValueType function) {
    int most = objects.units() + handler.units();
    if (unbegun.length < most) {
      unbegun = Arrays.copyOf(unbegun, 2 * most);
    }
    return objects.hold(new Passed(handler, function), handler.units());
  }

  /** Holds an object that is being passed; returns its slot. */
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

  /**
   * Returns the exception of a handler that Rust has returned; null if this port has it no more.
   */
  Throwable thrown(int slot, int generation) {
    return objects.find(slot, generation) instanceof Throwable thrown ? thrown : null;
  }

  /** Returns an object that Rust gives back; null if this port has it no more. */
  LoopRef<?> reference(int slot, int generation) {
    return objects.find(slot, generation) instanceof LoopRef<?> reference ? reference : null;
  }

  /** Frees the slot of an object that Rust has dropped or never got. */
  void drop(int slot, int generation) {
    objects.drop(slot, generation); // seed M31
  }

  /**
   * Runs a handler for an invocation of Rust's. If there is no stack or memory for it, a later turn
   * answers with an error ({@link #catchUp}).
   *
   * @param refusal makes the error of an invocation that must not run; null to run it
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

  /** Returns whether Rust waits for answers to invocations that could not begin. */
  boolean isBehind() {
    return unbegunCount > 0;
  }

  /** Answers the invocations that could not begin with an error. */
  void catchUp() {
    while (unbegunCount > 0) {
      long invocation = unbegun[unbegunCount - 1];
      Invocation<?> begun = pending.get(invocation);
      if (begun == null || begun.end(LoopStep.CANCELLED) || begun.state() == LoopStep.CANCELLED) {
        port.answers().error(invocation, ERROR, WITHOUT_TEXT);
        pending.remove(invocation);
        counters.invocations(pending.size());
      } // else its answer is on its way
      unbegunCount--;
    }
  }

  private <R> void begin(
      JavaHandler<?, R> handler, ValueType function, NativeResult request, long invocation) {
    Invocation<R> answer;
    try {
      answer = new Invocation<>(port, handler, function.answer, invocation);
      pending.put(invocation, answer);
    } catch (OutOfMemoryError e) {
      answer(invocation, null, null, e);
      return;
    }
    counters.invocations(pending.size());
    request.isArgumentOf(function.argument);
    handler.begin(request, answer);
  }

  /** Cancels an invocation that Rust has given up, and acknowledges that. */
  void withdraw(long invocation) {
    for (int i = 0; i < unbegunCount; i++) {
      if (unbegun[i] == invocation) {
        unbegun[i] = unbegun[--unbegunCount];
      }
    }
    Invocation<?> withdrawn = pending.remove(invocation);
    if (withdrawn != null) {
      counters.invocations(pending.size());
      withdrawn.withdraw();
    }
    port.answers().acknowledge(invocation);
  }

  /** Sends Rust the answer to an invocation, if the invocation is still pending. */
  void answer(Invocation<?> from, long invocation, ValueType type, Object value, Throwable error) {
    if (pending.get(invocation) == from) {
      answer(invocation, type, value, error);
      pending.remove(invocation); // last: an answer that fails for want of stack is sent later
      counters.invocations(pending.size());
    }
  }

  /** Cancels an invocation without an answer: its upcall throws, which is Rust's answer. */
  void abandon(long invocation) {
    Invocation<?> abandoned = pending.remove(invocation);
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
          call.requireIn(port.runtime());
          port.answers().relay(invocation, type, call.function.signature, call.arguments);
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
        failed = e; // the value has a size or a surrogate that cannot be sent
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
      long panic =
          error instanceof NativePanicError it
              ? it.ticketIn(port.library(), port.runtime().handle())
              : 0;
      if (panic != 0) {
        Object[] values = {panic, slot, generation, type, message, stack};
        port.answers().panic(invocation, PANIC, values);
      } else {
        port.answers()
            .error(invocation, ERROR, new Object[] {slot, generation, type, message, stack});
      }
    } catch (Throwable e) {
      failWithoutText(invocation, slot, generation);
    }
  }

  /**
   * Answers with an error whose texts could not be made or sent. It keeps its identity if there is
   * memory for that.
   */
  private void failWithoutText(long invocation, int slot, Integer generation) {
    try {
      Object[] values = {slot, generation, "java.lang.Throwable", "", ""};
      port.answers().error(invocation, ERROR, values);
    } catch (OutOfMemoryError e) {
      // These values are made already and fit into the record, so that this needs no memory.
      if (slot >= 0) {
        objects.drop(slot, generation);
      }
      port.answers().error(invocation, ERROR, WITHOUT_TEXT);
    }
  }

  /** Holds an exception, so that Rust can return it; without room, Rust gets its text alone. */
  private int keep(Throwable error) {
    try {
      return port.admission().mayHold(1) ? objects.hold(error, 1) : -1;
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
    return message == null ? "" : sendable(message);
  }

  private static String stack(Throwable error) {
    StringWriter stack = new StringWriter();
    try {
      error.printStackTrace(new PrintWriter(stack));
    } catch (Throwable e) {
      stack.write("its stack threw " + e.getClass().getName());
    }
    return sendable(stack.toString());
  }

  /** Returns the beginning of a text, with each unpaired surrogate replaced, as UTF-8 has none. */
  private static String sendable(String text) {
    String beginning = text.substring(0, Math.min(text.length(), LONGEST_TEXT));
    return new String(beginning.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  /**
   * Ends all invocations, since the loop or the runtime has ended.
   *
   * @param reason makes the error that Rust gets for each invocation; null if Rust has ended and
   *     reads no answers
   */
  void end(Supplier<LoopbridgeException> reason) {
    List<Long> invocations = new ArrayList<>(pending.keySet());
    for (Long invocation : invocations) {
      Invocation<?> lost = pending.remove(invocation);
      if (lost == null) {
        continue; // the cancellation of another invocation has answered this one
      }
      if (reason != null) {
        lost.close(); // its cancellation is not run, since it belongs to a loop that is gone
        answer(invocation, null, null, reason.get());
      } else {
        lost.withdraw();
      }
    }
    counters.invocations(0);
    if (reason == null) {
      objects.clear();
    }
  }
}
