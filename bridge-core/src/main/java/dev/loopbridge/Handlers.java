package dev.loopbridge;

import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The invocations of the handlers that one port's loop has passed to Rust. Owner loop only, or the
 * thread that drains in its place after its end.
 *
 * <p>An invocation is pending from Rust's request until its answer, or the acknowledgement that it
 * was given up. It gets exactly one of the two, or both in that order.
 */
final class Handlers {

  final PortState port;
  final LoopSteps steps;

  private final PortCounters counters;
  private final ObjectTable objects;
  private final Answers answers;
  private final LongObjectHashMap<Invocation> pending = new LongObjectHashMap<>(8);

  /** Whether the answer to a pending invocation may be parked. Any thread sets it. */
  volatile boolean parked;

  Handlers(PortState port, LoopSteps steps, Answers answers) {
    this.port = port;
    this.steps = steps;
    this.answers = answers;
    counters = port.counters;
    objects = port.objects;
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
  void invoke(NativeResult request, @Nullable Supplier<LoopbridgeException> refusal) {
    long invocation = request.invocation();
    try {
      invoke(request, invocation, refusal);
    } catch (StackOverflowError | OutOfMemoryError e) {
      objects.unbegun.add(invocation);
      throw e;
    }
  }

  private void invoke(
      NativeResult request, long invocation, @Nullable Supplier<LoopbridgeException> refusal) {
    Object named = objects.find(request.slot(), request.generation());
    Invocable handler = named instanceof Invocable found ? found : null;
    if (handler != null) {
      handler.describe(request); // first: no other code closes the object of one that never begins
    }
    if (refusal != null) {
      answers.error(invocation, refusal.get());
    } else if (handler != null) {
      begin(handler, request, invocation);
    } else {
      String missing = "there is no handler " + request.slot() + " on " + port.loop;
      answers.error(invocation, new InvalidHandleException(missing));
    }
  }

  private void begin(Invocable handler, NativeResult request, long invocation) {
    Invocation begun;
    try {
      begun = handler.invocation(this, invocation);
      pending.put(invocation, begun);
    } catch (OutOfMemoryError e) {
      answers.error(invocation, e);
      return;
    }
    counters.invocations(pending.size());
    begun.begin(request);
  }

  /** Returns whether Rust waits for answers that could not be given when they were due. */
  boolean isBehind() {
    return parked || !objects.unbegun.isEmpty();
  }

  /** Gives the parked answers, and an error to the invocations that could not begin. */
  void catchUp() {
    if (parked) {
      parked = false; // first: an answer that is parked meanwhile is found by this pass or the next
      new ArrayList<>(pending.values()).forEach(Invocation::unpark);
    }
    while (!objects.unbegun.isEmpty()) {
      long invocation = objects.unbegun.last();
      Invocation begun = pending.get(invocation);
      if (begun == null || begun.end(LoopStep.CANCELLED) || begun.state() == LoopStep.CANCELLED) {
        answers.errorWithoutText(invocation);
        pending.remove(invocation);
        counters.invocations(pending.size());
      } // else its answer is on its way
      objects.unbegun.removeLast();
    }
  }

  /** Cancels an invocation that Rust has given up, and acknowledges that. */
  void withdraw(long invocation) {
    objects.unbegun.remove(invocation);
    Invocation withdrawn = pending.remove(invocation);
    if (withdrawn != null) {
      counters.invocations(pending.size());
      withdrawn.withdraw();
    }
    answers.acknowledge(invocation);
  }

  /** Sends Rust the answer to an invocation, if the invocation is still pending. */
  void answer(Invocation from) {
    if (pending.get(from.number) == from) {
      send(from);
      pending.remove(from.number); // last: an answer that fails for want of stack is sent later
      counters.invocations(pending.size());
    }
  }

  private void send(Invocation from) {
    Throwable failed = from.error;
    if (failed == null) {
      try {
        from.sendValue(answers);
        return;
      } catch (Throwable e) {
        failed = e; // such as a value that has a size or a surrogate that cannot be sent
      }
    }
    answers.error(from.number, failed);
  }

  /** Cancels an invocation without an answer: its upcall throws, which is Rust's answer. */
  void abandon(long invocation) {
    Invocation abandoned = pending.remove(invocation);
    if (abandoned != null) {
      counters.invocations(pending.size());
      abandoned.withdraw();
    }
  }

  /**
   * Ends all invocations, since the loop or the runtime has ended.
   *
   * @param reason makes the error that Rust gets for each invocation; null if Rust has ended and
   *     reads no answers
   */
  void end(@Nullable Supplier<LoopbridgeException> reason) {
    List<Long> invocations = new ArrayList<>(pending.keySet());
    for (Long invocation : invocations) {
      Invocation lost = pending.remove(invocation);
      if (lost == null) {
        continue; // the cancellation of another invocation has answered this one
      }
      if (reason != null) {
        lost.close(); // its cancellation is not run, since it belongs to a loop that is gone
        answers.error(invocation, reason.get());
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
