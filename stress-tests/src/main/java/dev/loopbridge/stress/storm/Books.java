package dev.loopbridge.stress.storm;

import dev.loopbridge.RuntimeMetrics;
import dev.loopbridge.stress.Invariant;
import java.util.ArrayList;
import java.util.List;

/**
 * A storm's own counts of its calls and wakes: at rest the runtime must have the same counts.
 *
 * @param tokioCalls calls that took a record
 * @param localCalls loop-driven calls
 * @param invocations handlers' bodies that Rust asked for by a record
 * @param ringAnswers answers that went back by a record
 * @param handlers handlers that were passed to calls
 * @param selfWakes wakes of loop-driven futures by themselves
 * @param localWakes the most wakes that loop-driven futures had from elsewhere
 */
record Books(
    long tokioCalls,
    long localCalls,
    long invocations,
    long ringAnswers,
    long handlers,
    long selfWakes,
    long localWakes) {

  /** Returns the counts that differ; empty if none does. */
  List<Wrong> check(RuntimeMetrics now, long drainsRun, int mostPending) {
    List<Wrong> wrong = new ArrayList<>();
    long calls = tokioCalls + localCalls;
    equal(wrong, Invariant.I3, "calls Rust took up", now.callsBegun(), calls);
    equal(wrong, Invariant.I3, "calls Rust ended", now.callsFinished(), calls);
    equal(wrong, Invariant.I1, "records submitted", now.submissions(), tokioCalls + ringAnswers);
    long least = tokioCalls + invocations;
    within(
        wrong,
        Invariant.I1,
        "records drained",
        now.completions(),
        least,
        least + handlers + localWakes);
    within(wrong, Invariant.I18, "upcalls", now.wakes(), 0, now.completions());
    within(
        wrong, Invariant.I1, "upcalls that had no drain", now.wakes() - drainsRun, -drainsRun, 0);
    within(
        wrong,
        Invariant.I18,
        "polls of loop-driven futures",
        now.localPolls(),
        localCalls + selfWakes,
        localCalls + selfWakes + localWakes);
    within(wrong, Invariant.I2, "drains queued at one time", mostPending, 0, 1);
    return wrong;
  }

  /** One count that differs. */
  record Wrong(Invariant invariant, String text) {}

  private static void equal(
      List<Wrong> wrong, Invariant invariant, String what, long counted, long expected) {
    within(wrong, invariant, what, counted, expected, expected);
  }

  private static void within(
      List<Wrong> wrong, Invariant invariant, String what, long counted, long least, long most) {
    if (counted < least || counted > most) {
      String expected =
          least == most ? "%,d".formatted(least) : "%,d to %,d".formatted(least, most);
      wrong.add(new Wrong(invariant, "%s: %,d, expected %s".formatted(what, counted, expected)));
    }
  }
}
