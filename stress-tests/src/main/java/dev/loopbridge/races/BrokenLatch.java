package dev.loopbridge.races;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The positive control: a decision that looks at a flag and then sets it, without a CAS. */
@JCStressTest
@Outcome(
    id = {"true, false", "false, true"},
    expect = Expect.ACCEPTABLE,
    desc = "one of the actors ended it")
@Outcome(expect = Expect.FORBIDDEN, desc = "both actors see the latch open, both end it")
@State
public class BrokenLatch {

  /**
   * The gap between look and set, in spins: as wide as the actors drift apart, so that the race is
   * seen.
   */
  private static final int WIDTH = 100;

  private volatile boolean ended;

  /** Makes an open latch. */
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

  /** One actor ends the latch. */
  @Actor
  public void one(ZZ_Result r) {
    r.r1 = end();
  }

  /** The other actor ends the latch, too. */
  @Actor
  public void other(ZZ_Result r) {
    r.r2 = end();
  }
}
