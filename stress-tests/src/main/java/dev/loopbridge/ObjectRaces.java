package dev.loopbridge;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZI_Result;
import org.openjdk.jcstress.infra.results.ZZI_Result;

/** Races of an object that all loops use: it is released once, and not while a call has it. */
public final class ObjectRaces {

  private ObjectRaces() {}

  /** What Java has of one object, and how often that was released. */
  private static final class Counted extends Pins {

    final AtomicInteger releases = new AtomicInteger();

    @Override
    void release() {
      releases.incrementAndGet();
    }

    /** A call: returns whether the object was released meanwhile. */
    boolean use() {
      if (!tryPin()) {
        return false;
      }
      boolean released = releases.get() != 0;
      unpin();
      return released;
    }
  }

  /** A call starts, and ends, while its object is closed. */
  @JCStressTest
  @Outcome(id = "false, 1", expect = Expect.ACCEPTABLE, desc = "refused, or released behind it")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the call finds no object, or it is never released")
  @State
  public static class CloseOrStart {

    private final Counted object = new Counted();

    @Actor
    public void start(ZI_Result r) {
      r.r1 = object.use();
    }

    @Actor
    public void close() {
      object.tryClose();
    }

    @Arbiter
    public void look(ZI_Result r) {
      r.r2 = object.releases.get();
    }
  }

  /** The last call ends while its object is closed. */
  @JCStressTest
  @Outcome(id = "true, 1", expect = Expect.ACCEPTABLE, desc = "one of them releases it")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both release it, or each leaves it to the other")
  @State
  public static class CloseOrEnd {

    private final Counted object = new Counted();

    public CloseOrEnd() {
      object.tryPin();
    }

    @Actor
    public void end() {
      object.unpin();
    }

    @Actor
    public void close(ZI_Result r) {
      r.r1 = object.tryClose();
    }

    @Arbiter
    public void look(ZI_Result r) {
      r.r2 = object.releases.get();
    }
  }

  /** Two threads close one object, or one thread and the cleaner, which does the same. */
  @JCStressTest
  @Outcome(
      id = {"true, false, 1", "false, true, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "one of them has closed it")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both see it open: released twice, or never")
  @State
  public static class CloseOrClose {

    private final Counted object = new Counted();

    @Actor
    public void one(ZZI_Result r) {
      r.r1 = object.tryClose();
    }

    @Actor
    public void other(ZZI_Result r) {
      r.r2 = object.tryClose();
    }

    @Arbiter
    public void look(ZZI_Result r) {
      r.r3 = object.releases.get();
    }
  }
}
