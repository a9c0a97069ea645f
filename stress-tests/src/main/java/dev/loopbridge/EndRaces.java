package dev.loopbridge;

import dev.loopbridge.kit.Fn;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** Races of the real library: runtimes, loops and objects end while they are used. */
public final class EndRaces {

  private EndRaces() {}

  /** A sample's own runtime; the first actor that needs it makes it. */
  private static final class Ending {

    private final Meeting meeting = new Meeting();
    private final OwnerLoop loop;

    private NativeRuntime runtime;

    Ending() {
      this(RaceGround.LOOP);
    }

    Ending(OwnerLoop loop) {
      this.loop = loop;
    }

    synchronized NativeRuntime runtime() {
      if (runtime == null) {
        runtime =
            NativeRuntime.builder(RaceGround.LIBRARY)
                .workerThreads(1)
                .blockingThreads(1)
                .maxInFlight(4)
                .build();
        runtime.on(loop);
      }
      return runtime;
    }

    /** Closes the runtime while the other actor does its step. */
    void close() {
      NativeRuntime closing = runtime();
      meeting.arriveLater();
      closing.close();
    }

    /** Returns the outcome of a call, and what is left of the runtime. */
    String outcome(CallOutcome<?> outcome) {
      outcome.awaitSettled();
      return outcome + left();
    }

    /** Closes the runtime; returns what is left of it, empty if nothing is. */
    String left() {
      String failure =
          thrown(
              () -> {
                runtime.close();
                return "";
              });
      if (!failure.isEmpty()) {
        return ", " + failure;
      }
      return RaceGround.await(() -> runtime.metrics().livePorts() == 0)
              && runtime.metrics().liveCalls() == 0
          ? ""
          : ", left behind: " + runtime.metrics();
    }
  }

  private static String thrown(Supplier<Object> action) {
    try {
      return String.valueOf(action.get());
    } catch (RuntimeException | Error e) {
      return e.toString();
    }
  }

  /** A call is started as its runtime closes. */
  @JCStressTest
  @Outcome(id = "value", expect = Expect.ACCEPTABLE, desc = "the call settled before the end")
  @Outcome(id = "RuntimeClosedException", expect = Expect.ACCEPTABLE, desc = "the end settled it")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the call passes the check, the close passes its port: settled never, or twice")
  @State
  public static class CallOrClose {

    private final Ending ending = new Ending();
    private final CallOutcome<Long> outcome = new CallOutcome<>();

    @Actor
    public void call() {
      NativeCall<Long> add = RaceGround.add(ending.runtime());
      ending.meeting.arrive();
      add.start(RaceGround.LOOP, outcome);
    }

    @Actor
    public void close() {
      ending.close();
    }

    @Arbiter
    public void look(L_Result r) {
      r.r1 = ending.outcome(outcome);
    }
  }

  /** A call starts as the port of its closed runtime stops following its loop, which then ends. */
  @JCStressTest
  @Outcome(id = "value", expect = Expect.ACCEPTABLE, desc = "it settled before the close")
  @Outcome(
      id = "RuntimeClosedException|OwnerGoneException",
      expect = Expect.ACCEPTABLE,
      desc = "one of the ends settled it")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc =
          "the call sees that the port follows its loop, the port sees no call and stops following:"
              + " the loop forgets the drain, the call never settles")
  @State
  public static class CallOrRelease {

    private final Ending ending = new Ending(ShortLoop.forgetful());
    private final CallOutcome<Long> outcome = new CallOutcome<>();

    @Actor
    public void call() {
      NativeCall<Long> add = RaceGround.add(ending.runtime());
      ending.meeting.arrive();
      RaceGround.await(() -> ending.runtime().isClosed());
      RaceGround.hesitate();
      add.start(ending.loop, outcome);
    }

    @Actor
    public void close() {
      ending.close();
    }

    @Arbiter
    public void look(L_Result r) {
      r.r1 = ending.outcome(outcome);
    }
  }

  /** Two threads close a runtime with one call in flight. */
  @JCStressTest
  @Outcome(
      id = "\\{never=1\\}, \\{never=1\\}, RuntimeClosedException",
      expect = Expect.ACCEPTABLE,
      desc = "both report the one close")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "both see it open and shut the native half down: one fails, or reports another close")
  @State
  public static class CloseOrClose {

    private final Ending ending = new Ending();
    private final CallOutcome<Void> outcome = new CallOutcome<>();

    @Actor
    public void one(LLL_Result r) {
      r.r1 = close();
    }

    @Actor
    public void other(LLL_Result r) {
      r.r2 = close();
    }

    private String close() {
      NativeRuntime runtime = withCall();
      ending.meeting.arrive();
      return thrown(() -> runtime.close(Duration.ZERO).cancelledCalls());
    }

    private synchronized NativeRuntime withCall() {
      if (ending.runtime == null) {
        Fn.NEVER.call(ending.runtime()).start(RaceGround.LOOP, outcome);
        RaceGround.await(() -> ending.runtime().metrics().liveTasks() == 1);
      }
      return ending.runtime();
    }

    @Arbiter
    public void look(LLL_Result r) {
      outcome.awaitSettled();
      r.r3 = outcome + ending.left();
    }
  }

  /** The counters are read as the runtime closes. */
  @JCStressTest
  @Outcome(id = "1", expect = Expect.ACCEPTABLE, desc = "its one call was counted, once")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the native half is read after its end, or a port twice")
  @State
  public static class MetricsOrClose {

    private final Ending ending = new Ending();

    private synchronized NativeRuntime afterCall() {
      if (ending.runtime == null) {
        CallOutcome<Long> outcome = new CallOutcome<>();
        RaceGround.add(ending.runtime()).start(RaceGround.LOOP, outcome);
        outcome.awaitSettled();
      }
      return ending.runtime();
    }

    @Actor
    public void read(L_Result r) {
      NativeRuntime runtime = afterCall();
      ending.meeting.arrive();
      r.r1 = thrown(() -> runtime.metrics().callsBegun());
    }

    @Actor
    public void close() {
      NativeRuntime runtime = afterCall();
      ending.meeting.arriveLater();
      runtime.close();
    }

    @Arbiter
    public void look(L_Result r) {
      r.r1 += ending.left();
    }
  }

  /** Two threads bind one loop. */
  @JCStressTest
  @Outcome(id = "same, value", expect = Expect.ACCEPTABLE, desc = "one port")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "two ports for one loop, of which one is never drained")
  @State
  public static class BindOrBind {

    private final ShortLoop loop = new ShortLoop();

    private Port byOne;
    private Port byOther;

    @Actor
    public void one() {
      byOne = RaceGround.SMALL.on(loop);
    }

    @Actor
    public void other() {
      byOther = RaceGround.SMALL.on(loop);
    }

    @Arbiter
    public void look(LL_Result r) {
      CallOutcome<Long> outcome = new CallOutcome<>();
      RaceGround.add(RaceGround.SMALL).start(loop, outcome);
      outcome.awaitSettled();
      loop.end();
      r.r1 = byOne == byOther ? "same" : byOne + " and " + byOther;
      r.r2 = outcome + loopsLeft();
    }
  }

  /** A call is started on a loop that ends. */
  @JCStressTest
  @Outcome(id = "value", expect = Expect.ACCEPTABLE, desc = "it settled before the end")
  @Outcome(id = "OwnerGoneException", expect = Expect.ACCEPTABLE, desc = "the end settled it")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the loop drops the drain and does not notify the port: the call never settles")
  @State
  public static class CallOrLoopEnd {

    private static final NativeCall<Long> ADD = RaceGround.add(RaceGround.SMALL);

    private final ShortLoop loop = new ShortLoop();
    private final CallOutcome<Long> outcome = new CallOutcome<>();

    @Actor
    public void call() {
      ADD.start(loop, outcome);
    }

    @Actor
    public void end() {
      RaceGround.hesitate();
      loop.end();
    }

    @Arbiter
    public void look(L_Result r) {
      outcome.awaitSettled();
      r.r1 = outcome + loopsLeft();
    }
  }

  /** Returns the ports that are left of ended loops; empty if there are none. */
  private static String loopsLeft() {
    if (loops++ % LOOPS_A_COUNT != 0) {
      return "";
    }
    // The samples of the other arbiter end their loops too.
    boolean gone = RaceGround.await(() -> RaceGround.SMALL.metrics().livePorts() < LOOPS_A_COUNT);
    return gone ? "" : ", left behind: " + RaceGround.SMALL.metrics();
  }

  private static final int LOOPS_A_COUNT = 1_024;

  private static int loops; // two arbiters may lose a count

  /** An object of Rust's is closed as a call takes it. */
  @JCStressTest
  @Outcome(id = "2", expect = Expect.ACCEPTABLE, desc = "used, then closed")
  @Outcome(
      id = "ClosedException",
      expect = Expect.ACCEPTABLE,
      desc = "closed before the call began")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the object is dropped while the call has it, or another takes its place")
  @State
  public static class RefUseOrClose {

    private static final NativeCall<NativeRef> OPEN = Fn.COUNTER.call(RaceGround.RUNTIME, 1L);
    private static final NativeFunction<Long> COUNT = Fn.COUNT.in(RaceGround.RUNTIME);

    private volatile NativeRef reference;

    private CompletableFuture<Long> used;

    @Actor
    public void use() {
      NativeRef made = OPEN.toFuture(RaceGround.LOOP).join();
      reference = made;
      used = COUNT.call(made, 1L).toFuture(RaceGround.LOOP);
    }

    @Actor
    public void close() {
      if (RaceGround.await(() -> reference != null)) {
        RaceGround.hesitate();
        reference.close();
      }
    }

    @Arbiter
    public void look(L_Result r) {
      r.r1 = CallRaces.outcome(used) + RaceGround.left();
    }
  }
}
