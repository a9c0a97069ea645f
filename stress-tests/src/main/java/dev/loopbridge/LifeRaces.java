package dev.loopbridge;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;

/** Races of the events of a port's life that come on two threads. */
public final class LifeRaces {

  private LifeRaces() {}

  /** A loop ends as its last task ends the port. */
  @JCStressTest
  @Outcome(
      id = "NOTHING, CLOSE, RELEASED ORPHANED",
      expect = Expect.ACCEPTABLE,
      desc = "both count, and what follows releases the port")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc =
          "one stores over the other: the port is never released, or its calls wait for the loop")
  @State
  public static class OrphanOrEnd {

    private final PortLife life = PortLife.open();

    @Actor
    public void orphan() {
      life.orphan();
    }

    @Actor
    public void end() {
      life.ended();
    }

    @Arbiter
    public void look(LLL_Result r) {
      r.r1 = life.drained().name();
      r.r2 = life.unused().name();
      r.r3 = life.toString();
    }
  }

  /** The thread that binds a port's loop gives the port up, while the loop finds it unused. */
  @JCStressTest
  @Outcome(id = "CLOSE, NOTHING", expect = Expect.ACCEPTABLE, desc = "the binding thread closes it")
  @Outcome(id = "NOTHING, CLOSE", expect = Expect.ACCEPTABLE, desc = "the loop closes it")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "both see the port not given back: its native half is closed twice, or never")
  @State
  public static class DiscardOrRelease {

    private final PortLife life = PortLife.open();

    @Actor
    public void discard(LL_Result r) {
      r.r1 = life.discard().name();
    }

    @Actor
    public void release(LL_Result r) {
      life.ended();
      r.r2 = life.unused().name();
    }
  }
}
