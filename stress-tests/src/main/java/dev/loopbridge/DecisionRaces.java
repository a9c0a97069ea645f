package dev.loopbridge;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.LZ_Result;
import org.openjdk.jcstress.infra.results.ZZL_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Races of the Java halves alone: a call, an answer or a reference must end once. */
public final class DecisionRaces {

  private DecisionRaces() {}

  /** The outcome of a call meets its cancel. */
  @JCStressTest
  @Outcome(id = "value, false", expect = Expect.ACCEPTABLE, desc = "settled, then cancelled")
  @Outcome(id = "late, true", expect = Expect.ACCEPTABLE, desc = "cancelled, then settled")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "settle sees PENDING, cancel sees PENDING, both store: ended twice or not at all")
  @State
  public static class SettleOrCancel {

    private static final Port PORT = RaceGround.inlinePort();
    private static final ByteBuffer RECORD = RecordLayout.allocate(2, 2);

    static {
      RecordLayout.word(
          RECORD, RecordLayout.COMPLETION_OUTCOME, RecordLayout.VALUE | (long) Long.BYTES << 16);
    }

    private final CallOutcome<Long> outcome = new CallOutcome<>();
    private final StartedCall handle = new StartedCall(PORT, RaceGround.ADD, outcome);
    private final NativeResult result = new NativeResult(PORT.state, PORT.steps);
    private final Meeting meeting = new Meeting();

    @Actor
    public void settle() {
      result.load(RECORD, 0);
      result.signature(RaceGround.ADD.function.signature);
      meeting.arrive();
      handle.settle(result);
    }

    @Actor
    public void cancel(LZ_Result r) {
      meeting.arriveLater();
      r.r2 = outcome.cancel(handle);
    }

    @Arbiter
    public void look(LZ_Result r) {
      r.r1 = outcome.toString();
    }
  }

  /** Two threads cancel one call. */
  @JCStressTest
  @Outcome(
      id = {"true, false", "false, true"},
      expect = Expect.ACCEPTABLE,
      desc = "one of them ended it")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both see PENDING: both return that they ended it")
  @State
  public static class CancelOrCancel {

    private static final Port PORT = RaceGround.inlinePort();

    private final StartedCall handle =
        new StartedCall(PORT, RaceGround.ADD, new CallOutcome<Long>());

    @Actor
    public void one(ZZ_Result r) {
      r.r1 = handle.cancel();
    }

    @Actor
    public void other(ZZ_Result r) {
      r.r2 = handle.cancel();
    }
  }

  /** Two threads answer one invocation. */
  @JCStressTest
  @Outcome(
      id = {"true, false", "false, true"},
      expect = Expect.ACCEPTABLE,
      desc = "one of them is the answer")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both see PENDING: Rust is answered twice, or never")
  @State
  public static class AnswerOrAnswer {

    private final HandlerInvocation<Long> answer = newAnswer();

    @Actor
    public void value(ZZ_Result r) {
      r.r1 = answer.value(1L);
    }

    @Actor
    public void error(ZZ_Result r) {
      r.r2 = answer.error(null);
    }
  }

  /** An answer meets a withdrawal, with which Rust drops the invocation. */
  @JCStressTest
  @Outcome(id = "true, false, 1", expect = Expect.ACCEPTABLE, desc = "answered first")
  @Outcome(id = "false, true, 1", expect = Expect.ACCEPTABLE, desc = "given up first")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc =
          "both or none: the call that the body started is cancelled after its answer, or runs on")
  @State
  public static class AnswerOrWithdrawal {

    private final HandlerInvocation<Counted> answer = newAnswer();
    private final Counted value = new Counted();
    private final AtomicInteger cancellations = new AtomicInteger();

    /** The writer of an answer; counts how often it was discarded. */
    private static final class Counted extends io.netty.util.AbstractReferenceCounted {

      private final AtomicInteger freed = new AtomicInteger();

      @Override
      protected void deallocate() {
        freed.incrementAndGet();
      }

      @Override
      public Counted touch(Object hint) {
        return this;
      }
    }

    {
      answer.started(cancellations::incrementAndGet);
    }

    @Actor
    public void answer(ZZL_Result r) {
      r.r1 = answer.value(value);
    }

    @Actor
    public void withdraw() {
      answer.withdraw();
    }

    @Arbiter
    public void look(ZZL_Result r) {
      r.r2 = cancellations.get() == 1;
      r.r3 = value.freed.get();
    }
  }

  private static final Port ANSWERING = RaceGround.inlinePort();

  private static <R> HandlerInvocation<R> newAnswer() {
    return new HandlerInvocation<>(ANSWERING.handlers, null, 1);
  }

  /** A reference of a sample, and how often each thread released it. */
  private static final class CountedRef {

    /** Each release asks once whether it is on the owner loop. */
    private static final ThreadLocal<int[]> RELEASES = ThreadLocal.withInitial(() -> new int[1]);

    private static final Port PORT = RaceGround.RUNTIME.ports.refusing(new Counting(), null);
    private static final Signature MAKER = RaceGround.LIBRARY.signature("counter");

    static {
      // A reference that was not closed is logged, and here the cleaner finds each one unreachable.
      Logger.getLogger(NativeRef.class.getName()).setLevel(Level.OFF);
    }

    private final NativeRef reference = NativeRef.of(PORT.state, PORT.steps, 0, 1, MAKER);

    /** Closes the reference; returns how many releases that made. */
    int close() {
      int before = RELEASES.get()[0];
      reference.close();
      return RELEASES.get()[0] - before;
    }

    /**
     * Runs the action that the cleaner runs once the reference is unreachable; returns its
     * releases.
     */
    int clean() {
      int before = RELEASES.get()[0];
      reference.unreachable();
      return RELEASES.get()[0] - before;
    }

    private static final class Counting implements OwnerLoop {

      @Override
      public boolean inLoop() {
        RELEASES.get()[0]++;
        return true;
      }

      @Override
      public void execute(Runnable task) {
        throw new IllegalStateException("all callers are on this loop");
      }

      @Override
      public Runnable onTermination(Runnable action) {
        return () -> {};
      }
    }
  }

  /** Two threads close one reference. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "released once")
  @Outcome(expect = Expect.FORBIDDEN, desc = "both closes see it open: released twice, or never")
  @State
  public static class RefCloseOrClose {

    private final CountedRef counted = new CountedRef();

    @Actor
    public void one(II_Result r) {
      r.r1 = counted.close();
    }

    @Actor
    public void other(II_Result r) {
      r.r2 = counted.close();
    }
  }

  /** A reference is closed while the cleaner finds it unreachable. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = Expect.ACCEPTABLE,
      desc = "released once")
  @Outcome(expect = Expect.FORBIDDEN, desc = "close and cleaner both release, or neither does")
  @State
  public static class RefCloseOrCleaner {

    private final CountedRef counted = new CountedRef();

    @Actor
    public void close(II_Result r) {
      r.r1 = counted.close();
    }

    @Actor
    public void clean(II_Result r) {
      r.r2 = counted.clean();
    }
  }

  /** A thread calls a loop's object while that loop ends. */
  @JCStressTest
  @Outcome(id = "1, 42", expect = Expect.ACCEPTABLE, desc = "used, then the loop ended")
  @Outcome(id = "0, -1", expect = Expect.ACCEPTABLE, desc = "the loop ended first")
  @Outcome(
      expect = Expect.FORBIDDEN,
      desc = "the loop dropped the task, and notified of its end before the call listened")
  @State
  public static class LoopRefCallOrEnd {

    private final ShortLoop loop = new ShortLoop();
    private final AtomicInteger used = new AtomicInteger();
    private final LoopRef<AtomicInteger> reference = LoopRef.of(loop, used);

    private volatile CompletableFuture<Integer> called;

    @Actor
    public void call() {
      called =
          reference.call(
              object -> {
                object.incrementAndGet();
                return 42;
              });
    }

    @Actor
    public void end() {
      loop.end();
    }

    @Arbiter
    public void look(II_Result r) {
      boolean done = RaceGround.await(called::isDone);
      r.r1 = used.get();
      r.r2 =
          !done ? -2 : called.handle((value, error) -> error == null ? value : ended(error)).join();
    }

    private static int ended(Throwable error) {
      return error instanceof OwnerGoneException ? -1 : -3;
    }
  }
}
