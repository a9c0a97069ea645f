package dev.loopbridge.stress.history;

import dev.loopbridge.stress.Invariant;
import dev.loopbridge.stress.history.Event.What;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The reference model: which outcomes each call may have, given the events before, and on which
 * thread and in which order they may be delivered. It uses nothing but the history.
 */
final class Checker {

  private static final long NEVER = Long.MAX_VALUE;

  private final Program program;
  private final boolean hasOneThread;
  private final List<Call> calls;
  private final List<Event> events;
  private final Map<Integer, List<Event>> byCall = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  private Checker(Program program, boolean hasOneThread, List<Call> calls, List<Event> events) {
    this.program = program;
    this.hasOneThread = hasOneThread;
    this.calls = calls;
    this.events = events;
  }

  /** Returns the errors in a history whose program has ended. */
  static List<Finding> check(
      Program program, boolean hasOneThread, List<Call> calls, List<Event> events) {
    Checker checker = new Checker(program, hasOneThread, calls, events);
    checker.check();
    return checker.findings;
  }

  private void check() {
    events.forEach(
        event -> byCall.computeIfAbsent(event.call(), call -> new ArrayList<>()).add(event));
    calls.forEach(this::checkEnds);
    calls.forEach(this::checkHandler);
    checkThreads();
    checkOrder(call -> call.kind() == CallKind.LOCAL_SIGNAL);
    if (program.workers() == 1) {
      checkOrder(call -> call.kind() == CallKind.SIGNAL);
    }
  }

  private void checkEnds(Call call) {
    List<Event> ends = of(call, What.SETTLED);
    if (ends.isEmpty()) {
      ends.addAll(of(call, What.FOUND)); // else the callback has come after all
    }
    boolean begun = first(call.id(), What.START_BEGUN) < NEVER;
    boolean won = of(call, What.CANCEL_ENDED).stream().anyMatch(event -> event.number2() == 1);
    boolean silent = won && call.adapter().isSilentOnCancel();
    boolean maybeSilent =
        call.adapter() == Adapter.MONO && first(call.id(), What.CANCEL_BEGUN) < NEVER;
    if (ends.size() > 1) {
      found(Invariant.I3, call, "settled " + ends.size() + " times: " + ends);
    } else if (ends.isEmpty() && begun && !silent && !maybeSilent) {
      found(Invariant.I3, call, "never settled");
    } else if (!ends.isEmpty() && !begun) {
      found(Invariant.I3, call, "settled though it was never started");
    } else if (!ends.isEmpty() && silent) {
      found(Invariant.I5, call, "settled with " + ends.get(0) + " though a cancel had ended it");
    }
    for (Event end : ends) {
      if (!mayEndAs(call, end) || (won && !isCancelled(end))) {
        found(Invariant.I3, call, "ended with " + end.outcome() + ", which no event explains");
      }
      if (end.what() == What.SETTLED && !maySettleThere(call, end)) {
        found(Invariant.I23, call, "settled with " + end.outcome() + " off its loop, " + end);
      }
      if (end.number() > first(-1, What.LOOP_ENDED) && isOfLivingLoop(end) && !isAdded(call, end)) {
        found(Invariant.I23, call, "settled with " + end.outcome() + " after its loop had ended");
      }
    }
  }

  private static boolean isCancelled(Event end) {
    return end.outcome().kind() == Outcome.Kind.CANCELLED;
  }

  /** Returns whether only a loop that still runs can deliver this event. */
  private static boolean isOfLivingLoop(Event end) {
    return switch (end.outcome().kind()) {
      case OWNER_GONE, CLOSED, CANCELLED -> false;
      default -> end.what() == What.SETTLED;
    };
  }

  private boolean mayEndAs(Call call, Event end) {
    Outcome outcome = end.outcome();
    boolean needsOneThread = call.kind().isLocal() && !hasOneThread;
    boolean loopEnds = first(-1, What.LOOP_END_BEGUN) < end.number();
    return switch (outcome.kind()) {
      case VALUE, ERROR, PANIC ->
          !needsOneThread
              && isExpected(call, end)
              && (!call.kind().waitsForSignal() || first(call.id(), What.SIGNALLED) < end.number());
      case CANCELLED ->
          first(call.id(), What.CANCEL_BEGUN) < end.number()
              || (call.adapter() == Adapter.VERTX && loopEnds);
      case OWNER_GONE -> loopEnds;
      case CLOSED -> first(-1, What.CLOSE_BEGUN) < end.number();
      case REFUSED -> program.maxInFlight() < Program.ROOMY;
      case WRONG_LOOP -> needsOneThread;
      case REFERENCE_CLOSED ->
          call.kind().usesReference() && first(-1, What.REFERENCE_CLOSED) < end.number();
      case OTHER -> false;
    };
  }

  private boolean isExpected(Call call, Event end) {
    Outcome outcome = end.outcome();
    Outcome expected = call.kind().expected(call.id(), call.script());
    if (outcome.equals(expected)) {
      return true;
    }
    // If the runtime had no room for a handler's exception, its text is delivered.
    boolean isText =
        expected != null
            && expected.kind() == outcome.kind()
            && outcome.kind() == Outcome.Kind.ERROR
            && outcome.text().endsWith(": " + expected.text());
    if (isText && call.kind().asks() && program.maxInFlight() < Program.ROOMY) {
      return true;
    }
    // A task that it spawned ends with the runtime, and its error names that.
    return call.kind() == CallKind.ASK_NESTED
        && outcome.equals(Outcome.value(-2L))
        && first(-1, What.CLOSE_BEGUN) < end.number();
  }

  private boolean maySettleThere(Call call, Event end) {
    if (end.onOwner()) {
      return true;
    }
    return switch (end.outcome().kind()) {
      case OWNER_GONE, CLOSED ->
          first(-1, What.LOOP_END_BEGUN) < end.number() || isAdded(call, end);
      case CANCELLED -> call.adapter() == Adapter.STAGE;
      default -> isAdded(call, end);
    };
  }

  /** A dependent that is added to a stage which has settled runs where it is added. */
  private boolean isAdded(Call call, Event end) {
    return call.adapter() == Adapter.STAGE
        && of(call, What.START_BEGUN).stream().anyMatch(at -> at.thread() == end.thread())
        && end.number() < first(call.id(), What.START_ENDED);
  }

  private void checkHandler(Call call) {
    long last = -1;
    for (Event ran : of(call, What.HANDLER_RAN)) {
      if (!ran.onOwner()) {
        found(Invariant.I23, call, "its handler ran off the loop");
      }
      if (ran.number2() <= last) {
        found(
            Invariant.I24,
            call,
            "its handler was asked for " + ran.number2() + " after it was for " + last);
      }
      last = ran.number2();
    }
    for (Event withdrawn : of(call, What.HANDLER_WITHDRAWN)) {
      if (!withdrawn.onOwner()) {
        found(Invariant.I23, call, "its handler was cancelled off the loop");
      }
    }
  }

  /** A loop of one thread delivers everything on that thread. */
  private void checkThreads() {
    if (!hasOneThread) {
      return;
    }
    Event before = null;
    for (Event event : events) {
      boolean isOfLoop = event.what() == What.SETTLED || event.what() == What.HANDLER_RAN;
      if (!isOfLoop || !event.onOwner()) {
        continue;
      }
      if (before != null && before.thread() != event.thread()) {
        findings.add(
            Finding.violated(
                Invariant.I23, "a loop of one thread ran on two: " + before + ", then " + event));
        return;
      }
      before = event;
    }
  }

  /** Waits that ended on one thread are delivered in the order in which they ended. */
  private void checkOrder(java.util.function.Predicate<Call> of) {
    Event before = null;
    for (Event event : events) {
      if (event.what() != What.SETTLED || !event.onOwner() || event.call() < 0) {
        continue;
      }
      Call call = calls.get(event.call());
      if (!of.test(call)
          || !call.adapter().settlesAtOnce()
          || event.outcome().kind() != Outcome.Kind.VALUE) {
        continue;
      }
      if (before != null && before.number2() > event.number2()) {
        found(
            Invariant.I24,
            call,
            "ended before call " + before.call() + " and settled after it: " + before + event);
      }
      before = event;
    }
  }

  private List<Event> of(Call call, What what) {
    List<Event> some = new ArrayList<>();
    for (Event event : byCall.getOrDefault(call.id(), List.of())) {
      if (event.what() == what) {
        some.add(event);
      }
    }
    return some;
  }

  private long first(int call, What what) {
    for (Event event : byCall.getOrDefault(call, List.of())) {
      if (event.what() == what) {
        return event.number();
      }
    }
    return NEVER;
  }

  private void found(Invariant invariant, Call call, String text) {
    findings.add(Finding.violated(invariant, call + " " + text));
  }
}
