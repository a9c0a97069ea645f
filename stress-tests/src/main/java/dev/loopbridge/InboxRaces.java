package dev.loopbridge;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Races where threads leave steps for a loop while the loop takes the steps before them. */
public final class InboxRaces {

  private InboxRaces() {}

  /** A step that counts its runs, and how many of them saw that the step had ended. */
  private static final class Counted extends LoopStep {

    private int steps;
    private int stepsAfterEnd;

    @Override
    void step() {
      steps++;
      if (state() != PENDING) {
        stepsAfterEnd++;
      }
    }
  }

  private static void runAll(Inbox inbox) {
    for (LoopStep step = inbox.poll(); step != null; step = inbox.poll()) {
      step.step();
    }
  }

  /** Two threads leave a step each. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "each runs once")
  @Outcome(expect = Expect.FORBIDDEN, desc = "one push overwrites the other's")
  @State
  public static class PushOrPush {

    private final Inbox inbox = new Inbox();
    private final Counted one = new Counted();
    private final Counted other = new Counted();

    @Actor
    public void one() {
      inbox.push(one);
    }

    @Actor
    public void other() {
      inbox.push(other);
    }

    @Arbiter
    public void look(II_Result r) {
      runAll(inbox);
      r.r1 = one.steps;
      r.r2 = other.steps;
    }
  }

  /** A thread leaves a step while the loop takes the steps before it. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "each runs once")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "a step that is pushed while the loop takes all is lost, or runs twice")
  @State
  public static class PushOrTake {

    private final Inbox inbox = new Inbox();
    private final Counted before = new Counted();
    private final Counted meanwhile = new Counted();

    {
      inbox.push(before);
    }

    @Actor
    public void thread() {
      inbox.push(meanwhile);
    }

    @Actor
    public void loop() {
      runAll(inbox);
    }

    @Arbiter
    public void look(II_Result r) {
      runAll(inbox);
      r.r1 = before.steps;
      r.r2 = meanwhile.steps;
    }
  }

  /** A call is cancelled, and left again, while its start waits or is being run. */
  @JCStressTest
  @Outcome(
      id = {"1", "2"},
      expect = Expect.ACCEPTABLE,
      desc = "the last run sees the cancel, or both do")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc =
          "the cancel finds the step waiting and does not push it, the run that follows sees"
              + " PENDING: the Rust future is not cancelled")
  @State
  public static class CancelOrStep {

    private final Inbox inbox = new Inbox();
    private final Counted call = new Counted();

    {
      inbox.push(call);
    }

    @Actor
    public void cancel() {
      call.end(LoopStep.CANCELLED);
      inbox.push(call);
    }

    @Actor
    public void loop() {
      runAll(inbox);
    }

    @Arbiter
    public void look(I_Result r) {
      runAll(inbox);
      r.r1 = call.steps <= 2 ? call.stepsAfterEnd : -1;
    }
  }
}
