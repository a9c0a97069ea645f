package dev.loopbridge.races;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The positive control: a decision that is looked at and then made. */
@JCStressTest
@Outcome(
    id = {"true, false", "false, true"},
    expect = Expect.ACCEPTABLE,
    desc = "one of them ended it")
@Outcome(expect = Expect.FORBIDDEN, desc = "both see it open, both end it")
@State
public class BrokenLatch {

  /** A control must not depend on luck: the gap is as wide as the actors drift apart. */
  private static final int WIDTH = 100;

  private volatile boolean ended;

  /** Open. */
  public BrokenLatch() {}

  private boolean end() {
    if (ended) {
      return false;
    }
    for (int spins = 0; spins < WIDTH; spins++) {
      Thread.onSpinWait();
    }
    ended = true;
    return true;
  }

  /** Ends it. */
  @Actor
  public void one(ZZ_Result r) {
    r.r1 = end();
  }

  /** Ends it, too. */
  @Actor
  public void other(ZZ_Result r) {
    r.r2 = end();
  }
}
