package dev.loopbridge;

import dev.loopbridge.kit.Fn;
import dev.loopbridge.spi.CallHandle;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LL_Result;
import org.openjdk.jcstress.infra.results.LZ_Result;
import org.openjdk.jcstress.infra.results.L_Result;

/** Races of the real library: one actor starts a call on a loop that is neither actor's own. */
public final class CallRaces {

  private CallRaces() {}

  private static CompletableFuture<Long> stage(NativeCall<Long> call) {
    return call.toFuture(RaceGround.LOOP);
  }

  /** A cancel meets the start while the start is on its way to the loop. */
  @JCStressTest
  @Outcome(id = "value, false", expect = Expect.ACCEPTABLE, desc = "settled, then cancelled")
  @Outcome(
      id = {"nothing, true", "late, true"},
      expect = Expect.ACCEPTABLE,
      desc = "cancelled before its outcome came, or before it was begun")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the start overtakes the cancel and forgets it, or the call settles twice")
  @State
  public static class StartOrCancel {

    private static final Port PORT = RaceGround.RUNTIME.on(RaceGround.LOOP);

    private final CallOutcome<Long> outcome = new CallOutcome<>();
    private final StartedCall handle = new StartedCall(PORT, RaceGround.ADD, outcome);

    @Actor
    public void start() {
      handle.start();
    }

    @Actor
    public void cancel(LZ_Result r) {
      r.r2 = outcome.cancel(handle);
    }

    @Arbiter
    public void look(LZ_Result r) {
      outcome.awaitSettled();
      r.r1 = outcome + RaceGround.left();
    }
  }

  /** A cancel meets the outcome, wherever it is between the worker and the callback. */
  @JCStressTest
  @Outcome(id = "value, false", expect = Expect.ACCEPTABLE, desc = "settled, then cancelled")
  @Outcome(
      id = {"nothing, true", "late, true"},
      expect = Expect.ACCEPTABLE,
      desc = "cancelled before its outcome came")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the cancel returns true and the callback runs, or neither ends the call")
  @State
  public static class CompleteOrCancel {

    private final CallOutcome<Long> outcome = new CallOutcome<>();

    private volatile CallHandle handle;

    @Actor
    public void start() {
      handle = RaceGround.ADD.start(RaceGround.LOOP, outcome);
    }

    @Actor
    public void cancel(LZ_Result r) {
      RaceGround.await(() -> handle != null);
      RaceGround.hesitate();
      r.r2 = outcome.cancel(handle);
    }

    @Arbiter
    public void look(LZ_Result r) {
      outcome.awaitSettled();
      r.r1 = outcome + RaceGround.left();
    }
  }

  /** A stage times out as its value comes. */
  @JCStressTest
  @Outcome(id = "42, false", expect = Expect.ACCEPTABLE, desc = "the value came first")
  @Outcome(id = "TimeoutException, true", expect = Expect.ACCEPTABLE, desc = "timed out")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the timeout returns that it ended the stage, which has the value, or has nothing")
  @State
  public static class CompleteOrTimeout {

    private volatile CompletableFuture<Long> stage;

    @Actor
    public void start() {
      stage = stage(RaceGround.ADD);
    }

    @Actor
    public void timeOut(LZ_Result r) {
      RaceGround.await(() -> stage != null);
      RaceGround.hesitate();
      r.r2 = stage.completeExceptionally(new TimeoutException());
    }

    @Arbiter
    public void look(LZ_Result r) {
      r.r1 = outcome(stage) + RaceGround.left();
    }
  }

  /** Two threads cancel a stage whose value may come. */
  @JCStressTest
  @Outcome(id = "42, 0", expect = Expect.ACCEPTABLE, desc = "the value came first")
  @Outcome(id = "CancellationException, 2", expect = Expect.ACCEPTABLE, desc = "cancelled")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a cancel returns another end than the stage has")
  @State
  public static class StageCancelOrCancel {

    private volatile CompletableFuture<Long> stage;

    private boolean byStarter;
    private boolean byOther;

    @Actor
    public void start() {
      stage = stage(RaceGround.ADD);
      RaceGround.hesitate();
      byStarter = stage.cancel(false);
    }

    @Actor
    public void cancel() {
      RaceGround.await(() -> stage != null);
      RaceGround.hesitate();
      byOther = stage.cancel(false);
    }

    // Each cancel of a cancelled stage returns true.
    @Arbiter
    public void look(LL_Result r) {
      r.r1 = outcome(stage) + RaceGround.left();
      r.r2 = (byStarter ? 1 : 0) + (byOther ? 1 : 0);
    }
  }

  static String outcome(CompletableFuture<?> stage) {
    if (!RaceGround.await(stage::isDone)) {
      return "nothing";
    }
    return stage
        .handle(
            (value, error) ->
                error == null ? String.valueOf(value) : error.getClass().getSimpleName())
        .join();
  }

  /** Two threads submit to one loop that is neither thread's own. */
  @JCStressTest
  @Outcome(id = "value, value", expect = Expect.ACCEPTABLE, desc = "each has its own outcome")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a call is lost in the inbox, or its wake is")
  @State
  public static class SubmitOrSubmit {

    private final CallOutcome<Long> one = new CallOutcome<>();
    private final CallOutcome<Long> other = new CallOutcome<>();

    @Actor
    public void one() {
      RaceGround.ADD.start(RaceGround.LOOP, one);
    }

    @Actor
    public void other() {
      RaceGround.ADD.start(RaceGround.LOOP, other);
    }

    @Arbiter
    public void look(LL_Result r) {
      one.awaitSettled();
      other.awaitSettled();
      r.r1 = one.toString();
      r.r2 = other + RaceGround.left();
    }
  }

  /** A thread other than the loop's sees a stage done, and reads the bytes in it. */
  @JCStressTest
  @Outcome(id = "whole", expect = Expect.ACCEPTABLE, desc = "the thread sees all that Rust wrote")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the stage is done before its bytes are there")
  @State
  public static class PayloadSeenWhole {

    private static final int LENGTH = 300;

    private static final NativeCall<byte[]> MAKE =
        Fn.MAKE_BYTES.call(RaceGround.RUNTIME, (long) LENGTH);

    private static final byte[] EXPECTED = new byte[LENGTH];

    static {
      for (int at = 0; at < LENGTH; at++) {
        EXPECTED[at] = (byte) (at % 251);
      }
    }

    private volatile CompletableFuture<byte[]> stage;

    @Actor
    public void start() {
      stage = MAKE.toFuture(RaceGround.LOOP);
    }

    @Actor
    public void look(L_Result r) {
      if (!RaceGround.await(() -> stage != null && stage.isDone())) {
        r.r1 = "nothing";
        return;
      }
      byte[] bytes = stage.getNow(null);
      r.r1 = Arrays.equals(bytes, EXPECTED) ? "whole" : Arrays.toString(bytes);
    }

    @Arbiter
    public void settle(L_Result r) {
      r.r1 += RaceGround.left();
    }
  }

  /**
   * The handler that Rust calls sees what the caller wrote before the start, and a thread that sees
   * the call done sees what the handler wrote. None of the fields is volatile.
   */
  @JCStressTest
  @Outcome(id = "1, 2", expect = Expect.ACCEPTABLE, desc = "each sees what came before")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc =
          "no happens-before from caller through Rust to the handler, or from it to the observer")
  @State
  public static class HandlerSeesAndIsSeen {

    private static final NativeFunction<Long> ASK = Fn.ASK.in(RaceGround.RUNTIME);

    private int written;
    private int seen;
    private int answered;

    private volatile CompletableFuture<Long> stage;

    @Actor
    public void start() {
      written = 1;
      stage = stage(ASK.call(0L, JavaHandler.of(Long.class, Long.class, this::handle)));
    }

    private Long handle(Long number) {
      seen = written;
      answered = 2;
      return number;
    }

    @Actor
    public void observe(II_Result r) {
      if (RaceGround.await(() -> stage != null && stage.isDone())) {
        r.r1 = seen;
        r.r2 = answered;
      }
    }

    @Arbiter
    public void look(II_Result r) {
      r.r1 += RaceGround.left().isEmpty() ? 0 : 100;
    }
  }

  /** A function asks twice, while another call's cancel passes through the same rings. */
  @JCStressTest
  @Outcome(id = "01, 1", expect = Expect.ACCEPTABLE, desc = "asked in order, answered in order")
  @Outcome(expect = Expect.FORBIDDEN, desc = "an invocation is lost, doubled or overtaken")
  @State
  public static class AskedInOrder {

    private static final NativeFunction<Long> ASK = Fn.ASK_IN_TURN.in(RaceGround.RUNTIME);

    private final StringBuffer asked = new StringBuffer();

    private volatile CompletableFuture<Long> stage;

    @Actor
    public void ask() {
      stage = stage(ASK.call(2L, JavaHandler.of(Long.class, Long.class, this::handle)));
    }

    private Long handle(Long number) {
      asked.append(number);
      return number;
    }

    @Actor
    public void cancelAnother() {
      CallHandle another = RaceGround.ADD.start(RaceGround.LOOP, new CallOutcome<>());
      RaceGround.hesitate();
      another.cancel();
    }

    @Arbiter
    public void look(LL_Result r) {
      r.r2 = outcome(stage) + RaceGround.left();
      r.r1 = asked.toString();
    }
  }

  /** A cancel meets the handler that its call waits for. */
  @JCStressTest
  @Outcome(id = "7, false", expect = Expect.ACCEPTABLE, desc = "answered, then cancelled")
  @Outcome(id = "CancellationException, true", expect = Expect.ACCEPTABLE, desc = "cancelled")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the answer and the withdrawal both count, or neither")
  @State
  public static class AskedOrCancelled {

    private static final NativeFunction<Long> ASK = Fn.ASK.in(RaceGround.RUNTIME);
    private static final JavaHandler<Long, Long> HANDLER =
        JavaHandler.of(Long.class, Long.class, number -> number);

    private volatile CompletableFuture<Long> stage;

    @Actor
    public void ask() {
      stage = stage(ASK.call(7L, HANDLER));
    }

    @Actor
    public void cancel(LZ_Result r) {
      RaceGround.await(() -> stage != null);
      RaceGround.hesitate();
      r.r2 = stage.completeExceptionally(new CancellationException());
    }

    @Arbiter
    public void look(LZ_Result r) {
      r.r1 = outcome(stage) + RaceGround.left();
    }
  }
}
